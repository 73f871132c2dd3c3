#include "agent_plugin/delivery_state.h"

#include <boost/json.hpp>
#include <limits>
#include <stdexcept>
#include <utility>

namespace mail_relay {

namespace json = boost::json;

namespace {

constexpr int kFormat = 1;

// Every struct is an array of its members in order: short, and a missing one is an error. Writer
// and Reader are walked over the same list, so what is written is what is read.

/// Appends members to an array.
class Writer {
  public:
    template <class... Members>
    void operator()(const Members &...members) {
        (put(members), ...);
    }
    json::array take() { return std::move(array_); }

  private:
    template <class Number>
    requires std::is_arithmetic_v<Number>
    void put(Number value) { array_.emplace_back(value); }
    // Log lines may hold any bytes; JSON may not.
    void put(const std::string &text) {
        std::string latin;
        for (const char c : text) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte < 0x80) {
                latin.push_back(c);
            } else {
                latin.push_back(static_cast<char>(0xC0U | (byte >> 6U)));
                latin.push_back(static_cast<char>(0x80U | (byte & 0x3FU)));
            }
        }
        array_.emplace_back(latin);
    }
    void put(FailureClass failure) { array_.emplace_back(failure_class_name(failure)); }
    void put(const HourlyCounts &counts) {
        json::array hours;
        for (const auto &hour : counts.hours()) {
            if (hour.count > 0) {
                hours.emplace_back(json::array{hour.number, hour.count});
            }
        }
        array_.emplace_back(std::move(hours));
    }
    template <class Value>
    void put(const std::optional<Value> &value) {
        json::array list;
        if (value) {
            Writer writer;
            writer(*value);
            list = writer.take();
        }
        array_.emplace_back(std::move(list));
    }
    template <class Value>
    void put(const std::vector<Value> &values) {
        put_list(values);
    }
    template <class Value, std::size_t Size>
    void put(const std::array<Value, Size> &values) {
        put_list(values);
    }
    template <class Values>
    void put_list(const Values &values) {
        Writer writer;
        for (const auto &value : values) {
            writer(value);
        }
        array_.emplace_back(writer.take());
    }
    template <class Value>
    void put(const std::map<std::string, Value, std::less<>> &values) {
        Writer writer;
        for (const auto &[key, value] : values) {
            writer(key, value);
        }
        array_.emplace_back(writer.take());
    }
    template <class Struct>
    requires std::is_class_v<Struct>
    void put(const Struct &value) {
        Writer writer;
        members(writer, value);
        array_.emplace_back(writer.take());
    }

    json::array array_;
};

/// Takes members from an array; throws what the parser catches when one is missing or wrong.
class Reader {
  public:
    explicit Reader(const json::value &value) : array_(value.as_array()) {}

    template <class... Members>
    void operator()(Members &...members) {
        (get(members), ...);
    }
    bool at_end() const { return at_ == array_.size(); }

  private:
    const json::value &next() { return array_.at(at_++); }

    template <class Number>
    requires std::is_arithmetic_v<Number>
    void get(Number &value) {
        const json::value &next_value = next();
        if constexpr (std::is_same_v<Number, bool>) {
            value = next_value.as_bool();
        } else {
            value = next_value.to_number<Number>();
        }
    }
    void get(std::string &text) {
        const json::string &stored = next().as_string();
        text.clear();
        for (std::size_t i = 0; i < stored.size(); ++i) {
            const auto byte = static_cast<unsigned char>(stored[i]);
            if (byte < 0x80) {
                text.push_back(stored[i]);
            } else {
                const auto low = static_cast<unsigned char>(stored.at(++i));
                text.push_back(static_cast<char>(((byte & 0x03U) << 6U) | (low & 0x3FU)));
            }
        }
    }
    void get(FailureClass &failure) {
        const json::string &name = next().as_string();
        for (int i = 0; i < kFailureClassCount; ++i) {
            if (failure_class_name(static_cast<FailureClass>(i)) == std::string_view(name)) {
                failure = static_cast<FailureClass>(i);
                return;
            }
        }
        throw std::invalid_argument("unknown failure class");
    }
    void get(HourlyCounts &counts) {
        for (const json::value &hour : next().as_array()) {
            counts.restore({hour.as_array().at(0).to_number<std::int64_t>(),
                            hour.as_array().at(1).to_number<std::uint64_t>()});
        }
    }
    template <class Value>
    void get(std::optional<Value> &value) {
        Reader reader(next());
        if (!reader.at_end()) {
            reader(value.emplace());
        }
    }
    template <class Value>
    void get(std::vector<Value> &values) {
        constexpr std::size_t most = 1000;
        for (Reader reader(next()); !reader.at_end();) {
            if (values.size() >= most) {
                throw std::length_error("too many entries");
            }
            reader(values.emplace_back());
        }
    }
    template <class Value, std::size_t Size>
    void get(std::array<Value, Size> &values) {
        Reader reader(next());
        for (auto &value : values) {
            reader(value);
        }
    }
    template <class Value>
    void get(std::map<std::string, Value, std::less<>> &values) {
        constexpr std::size_t most = 10000;
        for (Reader reader(next()); !reader.at_end();) {
            std::string key;
            Value value{};
            reader(key, value);
            values.insert_or_assign(std::move(key), std::move(value));
            if (values.size() > most) {
                throw std::length_error("too many entries");
            }
        }
    }
    template <class Struct>
    requires std::is_class_v<Struct>
    void get(Struct &value) {
        Reader reader(next());
        members(reader, value);
        if (!reader.at_end()) {
            throw std::length_error("more members than known");
        }
    }

    const json::array &array_;
    std::size_t at_ = 0;
};

/// Struct or const Struct.
template <class Given, class Struct>
concept Is = std::is_same_v<std::remove_const_t<Given>, Struct>;

void members(auto &walk, Is<StatusCounts> auto &v) {
    walk(v.sent, v.deferred, v.bounced, v.expired);
}
void members(auto &walk, Is<RelayRecord> auto &v) {
    walk(v.name, v.counts, v.sent_hours, v.last_sent, v.last_used, v.last_sent_at);
}
void members(auto &walk, Is<FailureSample> auto &v) {
    walk(v.time, v.status, v.failure, v.relay, v.dsn_status, v.queue_id, v.sender, v.recipient,
         v.text);
}
void members(auto &walk, Is<ClassRecord> auto &v) {
    walk(v.counts, v.recent, v.lost, v.unnotified, v.last, v.last_at, v.same_works);
}
void members(auto &walk, Is<WarningRecord> auto &v) {
    walk(v.count, v.recent, v.last, v.last_at, v.text);
}
void members(auto &walk, Is<ThrottledDaemon> auto &v) {
    walk(v.name, v.last, v.fatal, v.recovered);
}
void members(auto &walk, Is<DelayHistogram> auto &v) {
    walk(v.counts, v.sum_ms);
}
void members(auto &walk, Is<SiteMessage> auto &v) {
    walk(v.site, v.time);
}
void members(auto &walk, Is<SiteMail> auto &v) {
    walk(v.counts, v.sent_hours, v.lost_hours, v.last_sent, v.last_lost, v.last_deferred);
}
void members(auto &walk, Is<LogPosition> auto &v) {
    walk(v.device, v.inode, v.offset, v.tail_bytes, v.tail_hash, v.modified, v.inside_line);
}
void members(auto &walk, Is<LogProgress> auto &v) {
    walk(v.file, v.previous, v.previous_path, v.previous_until, v.cursor, v.cursor_time_us);
}
void members(auto &walk, Is<DeliveryRecord> auto &v) {
    walk(v.counters_since, v.first_line, v.newest_line, v.sequence, v.totals, v.other, v.removed,
         v.relayed, v.relayed_messages, v.bounces_sent, v.double_bounces, v.discarded, v.gaps,
         v.sent_hours, v.deferred_hours, v.bounced_hours, v.relayed_hours, v.relayed_message_hours,
         v.classes, v.warnings, v.relays, v.delays, v.last_sent, v.last_relayed_at,
         v.last_sent_relay, v.last_sent_id, v.last_failure, v.losses, v.throttled, v.notifications,
         v.site_messages, v.sites);
}
void members(auto &walk, Is<DeliveryState> auto &v) {
    walk(v.source, v.progress, v.record);
}

}  // namespace

std::string serialize_delivery_state(const DeliveryState &state) {
    Writer writer;
    writer(kFormat);
    writer(state);
    return json::serialize(writer.take());
}

Result<DeliveryState> parse_delivery_state(std::string_view text) {
    try {
        const json::value value = json::parse(text);
        Reader reader(value);
        int format = 0;
        reader(format);
        if (format != kFormat) {
            return failed("it has format {}, not {}", format, kFormat);
        }
        DeliveryState state;
        reader(state);
        return state;
    } catch (const std::exception &error) {
        return failed("it is damaged: {}", error.what());
    }
}

}  // namespace mail_relay
