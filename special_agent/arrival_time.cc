#include "special_agent/arrival_time.h"

namespace mail_relay::roundtrip {

Arrival arrival_of(const FoundMail &mail, const Probe &probe, std::int64_t now_ms,
                   std::optional<double> clock_offset_s) {
    Arrival arrival{probe,
                    now_ms,
                    Measured::kInternalDate,
                    mail.folder,
                    mail.internal_date.value_or(0),
                    mail.uid_validity,
                    mail.uid};
    if (mail.observed_ms) {
        arrival.measured = Measured::kObserved;
        arrival.arrived_ms = *mail.observed_ms;
    } else if (mail.internal_date) {
        // Cut to whole seconds: half a second is missing on average.
        const double offset_s = clock_offset_s.value_or(0.0) - 0.5;
        arrival.arrived_ms =
            *mail.internal_date * 1000 - static_cast<std::int64_t>(offset_s * 1000.0);
    }
    return arrival;
}

}  // namespace mail_relay::roundtrip
