#pragma once

#include <curl/curl.h>

#include <optional>
#include <string>
#include <string_view>

#include "common/failure.h"
#include "common/mail_dialogue.h"
#include "common/session_failure.h"
#include "common/tls_observation.h"

namespace mail_relay {

/// How libcurl's part of a mail session ended.
struct CurlEnd {
    CURLcode code = CURLE_OK;
    std::string_view words;    ///< of CURLOPT_ERRORBUFFER; "" if libcurl said nothing
    int os_error = 0;          ///< errno of the connection; 0 if there was none
    bool finished = true;      ///< false: time was up
    bool over_limits = false;  ///< we ended it: the server talked without end
};

/// Why a session that ended so is not ready. What was heard decides, libcurl's code only where that
/// says nothing. `where` is an endpoint_name().
Failure explain_curl_end(const CurlEnd &end, const MailDialogue &dialogue,
                         const std::optional<TlsObservation> &tls, const SessionFailure &failure,
                         std::string_view where, std::string_view address);

}  // namespace mail_relay
