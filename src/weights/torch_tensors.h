#pragma once
#include <map>
#include <string>

#include "weights/storage.h"

namespace kizu {

/// The tensors of a checkpoint's pickle under their names: those of the entry "state_dict" where there is
/// one, else all in nested dictionaries, names joined by dots, those of a ParameterDict without
/// "_parameters". Checks every tensor of the file, also those that have no name. Throws Error beginning with
/// `origin`.
std::map<std::string, TensorPlace> named_tensors(const Pickle& pickle, const std::string& origin);

/// The numbers of the outermost dictionary, such as "epoch".
std::map<std::string, double> top_numbers(const Pickle& pickle);

}  // namespace kizu
