#include "special_agent/folder_choice.h"

#include <algorithm>
#include <utility>

#include "special_agent/imap_folder_name.h"

namespace mail_relay::roundtrip {

namespace {

void add(std::vector<Folder> &folders, const std::string &name, FolderRole role,
         const std::vector<FolderPosition> &positions) {
    const bool is_known = std::any_of(folders.begin(), folders.end(),
                                      [&](const Folder &folder) { return folder.name() == name; });
    if (name.empty() || is_known) {
        return;
    }
    Folder folder;
    folder.observation.name = name;
    folder.observation.role = role;
    if (auto wire_name = encode_folder_name(name); wire_name) {
        folder.wire_name = std::move(*wire_name);
    } else {
        folder.observation.error = wire_name.error().message();
    }
    const auto position =
        std::find_if(positions.begin(), positions.end(),
                     [&](const FolderPosition &candidate) { return candidate.folder == name; });
    if (position != positions.end()) {
        folder.position = *position;
    }
    folders.push_back(std::move(folder));
}

}  // namespace

std::vector<Folder> choose_folders(const FolderWishes &wishes, const std::string &marked_junk,
                                   const std::vector<FolderPosition> &positions) {
    std::vector<Folder> folders;
    add(folders, wishes.folder, FolderRole::kInbox, positions);
    add(folders, wishes.junk_folder.empty() ? marked_junk : wishes.junk_folder, FolderRole::kJunk,
        positions);
    for (const auto &name : wishes.further_folders) {
        add(folders, name, FolderRole::kFurther, positions);
    }
    return folders;
}

}  // namespace mail_relay::roundtrip
