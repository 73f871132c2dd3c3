#pragma once

#include "common/failure_text.h"  // IWYU pragma: export
