#pragma once

#include "common/failure_class.h"  // IWYU pragma: export
