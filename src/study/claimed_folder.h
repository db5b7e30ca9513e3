#pragma once
#include <filesystem>
#include <string>

namespace kizu::study {

/// Makes `out`, which is to hold the folders of many runs, and writes into its settings.json that it is a
/// `what` ("comparison") of the photos in `data`; nothing where that stands there already. Throws Error when
/// the folder is something else.
void claim_folder(const std::filesystem::path& out, const std::string& what,
                  const std::filesystem::path& data);

}  // namespace kizu::study
