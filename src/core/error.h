#pragma once
#include <stdexcept>
#include <string>

namespace kizu {

/// What the user can mend. The message names the file or option and says what to do. Exit code 2.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What the machine denied us: a full disk, a failed write, no memory. Exit code 1.
class MachineError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The observer asked to stop; everything needed to go on is saved. Exit code 130.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted; the same command goes on from here") {}
};

}  // namespace kizu
