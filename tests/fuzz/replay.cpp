// Runs a fuzz target on the files of the given folders, in the ordinary build: seeds and what fuzzing has
// found stay tests.
#include <cstdint>
#include <cstdio>
#include <filesystem>

#include "core/input_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  int count = 0;
  for (int i = 1; i < argc; i++)
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      const std::string bytes = kizu::read_file(entry.path());
      std::printf("%s\n", entry.path().c_str());
      std::fflush(stdout);
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
      count++;
    }
  std::printf("%d inputs\n", count);
  return count == 0 ? 1 : 0;
}
