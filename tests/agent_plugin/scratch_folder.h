#pragma once

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace mail_relay {

/// A folder of a test's own, gone with it.
class ScratchFolder {
  public:
    ScratchFolder() {
        std::array<char, 32> name{"/tmp/mail_relay_test_XXXXXX"};
        folder_ = ::mkdtemp(name.data());
    }
    ~ScratchFolder() { std::filesystem::remove_all(folder_); }
    ScratchFolder(const ScratchFolder &) = delete;
    ScratchFolder &operator=(const ScratchFolder &) = delete;

    std::string path(const std::string &name = "") const { return folder_ / name; }

    void write(const std::string &name, const std::string &content) const {
        std::filesystem::create_directories((folder_ / name).parent_path());
        std::ofstream(folder_ / name, std::ios::binary) << content;
    }

  private:
    std::filesystem::path folder_;
};

}  // namespace mail_relay
