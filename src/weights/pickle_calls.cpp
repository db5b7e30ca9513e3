// The only things that a file can ask to be made. Whatever is added here must do nothing but hold data: a
// name is compared with the lists below and never looked up anywhere.
#include <algorithm>

#include "weights/pickle_machine.h"
#include "weights/printable.h"

namespace kizu {
namespace {

constexpr std::string_view kParameterDict = "torch.nn.modules.container.ParameterDict";

/// Functions whose call is kept as data (an Object with its arguments).
bool is_known_call(std::string_view name) {
  static constexpr std::string_view kKnown[] = {"torch._utils._rebuild_tensor_v2",
                                                "torch._utils._rebuild_parameter",
                                                "numpy.core.multiarray.scalar",
                                                "numpy._core.multiarray.scalar",
                                                "numpy.dtype",
                                                "_codecs.encode"};
  return std::find(std::begin(kKnown), std::end(kKnown), name) != std::end(kKnown);
}

/// Modules that a checkpoint has no honest use for an object of. An object of theirs would do no harm here,
/// but whoever wrote it meant to.
bool reaches_out(std::string_view name) {
  static constexpr std::string_view kModules[] = {
      "os",        "posix",  "nt",     "sys",    "subprocess", "builtins", "__builtin__", "runpy",   "pty",
      "importlib", "shutil", "socket", "ctypes", "marshal",    "pickle",   "code",        "commands"};
  const auto module = name.substr(0, name.find('.'));
  return std::find(std::begin(kModules), std::end(kModules), module) != std::end(kModules);
}

/// What trainers leave in their checkpoints beside the weights and make by a call: callbacks, options, the
/// folder they wrote to.
bool is_of_training(std::string_view name) {
  static constexpr std::string_view kPackages[] = {"pytorch_lightning.", "lightning.", "lightning_fabric.",
                                                   "lightning_utilities.", "omegaconf."};
  static constexpr std::string_view kClasses[] = {"argparse.Namespace", "pathlib.Path", "pathlib.PosixPath",
                                                  "pathlib.WindowsPath", "collections.defaultdict"};
  const auto begins = [&](std::string_view package) { return name.substr(0, package.size()) == package; };
  return std::any_of(std::begin(kPackages), std::end(kPackages), begins) ||
         std::find(std::begin(kClasses), std::end(kClasses), name) != std::end(kClasses);
}

}  // namespace

using Id = Pickle::Id;

/// The class that is called: named directly or, in the old container, together with its source text.
std::string_view PickleMachine::callee(Id id) {
  if (value(id).kind == Kind::Persistent) {
    const Value& name = value(value(id).items[0]);
    if (name.kind == Kind::Tuple && name.items.size() >= 2 && value(name.items[0]).text == "module")
      id = name.items[1];
  }
  if (value(id).kind != Kind::Class) refuse("it calls something that is no class");
  return value(id).text;
}

/// `anew` is NEWOBJ, which makes an object without its constructor; else it is a call.
void PickleMachine::call(bool anew) {
  const std::vector<Id> both = pop_items(2);
  const std::string_view name = callee(both[0]);
  if (value(both[1]).kind != Kind::Tuple) refuse("it calls something without a list of arguments");
  const std::vector<Id> arguments = value(both[1]).items;
  if (name == "collections.OrderedDict" && arguments.size() <= 1) {
    make_dict(arguments);
  } else if ((name == "__builtin__.set" || name == "builtins.set") && !anew) {
    make_set(arguments);
  } else if (makes_parameters(name, arguments, anew)) {
    push(Kind::Object, kParameterDict);
  } else if (!anew && is_known_call(name)) {
    append(push(Kind::Object, name), arguments);
  } else if (anew ? !reaches_out(name) && !is_known_call(name) : is_of_training(name)) {
    append(push(Kind::Opaque, name), arguments);
  } else if (!anew && is_reconstruction(name, arguments)) {
    push(Kind::Opaque, callee(arguments[0]));
  } else {
    refuse("it calls " + printable(name) +
           ", which tensors do not need and which may run a program; kizu runs nothing from a file and "
           "refuses this one. Get the weights from a source you trust, or as .safetensors");
  }
}

/// Python 2 gives the entries as a list of [key, value]; torchvision's older files are of that kind.
void PickleMachine::make_dict(const std::vector<Id>& arguments) {
  std::vector<Id> entries;
  if (!arguments.empty()) {
    if (value(arguments[0]).kind != Kind::List) refuse("a dictionary is not made from a list");
    for (const Id id : value(arguments[0]).items) {
      const Value& entry = value(id);
      if ((entry.kind != Kind::List && entry.kind != Kind::Tuple) || entry.items.size() != 2)
        refuse("an entry of a dictionary is no key with its value");
      entries.insert(entries.end(), entry.items.begin(), entry.items.end());
    }
  }
  push_with(Kind::Dict, entries);
}

void PickleMachine::make_set(const std::vector<Id>& arguments) {
  if (arguments.empty()) {
    push(Kind::Set);
    return;
  }
  if (arguments.size() != 1 || value(arguments[0]).kind != Kind::List)
    refuse("a set is not made from a list");
  const std::vector<Id> members = value(arguments[0]).items;
  push_with(Kind::Set, members);
}

bool PickleMachine::makes_parameters(std::string_view name, const std::vector<Id>& arguments, bool anew) {
  if (anew) return name == kParameterDict && arguments.empty();
  if (name != "copy_reg._reconstructor" && name != "copyreg._reconstructor") return false;
  return arguments.size() == 3 && callee(arguments[0]) == kParameterDict;
}

/// Python 2's way to make an object without its constructor.
bool PickleMachine::is_reconstruction(std::string_view name, const std::vector<Id>& arguments) {
  if (name != "copy_reg._reconstructor" && name != "copyreg._reconstructor") return false;
  return arguments.size() == 3 && value(arguments[0]).kind == Kind::Class &&
         !reaches_out(callee(arguments[0]));
}

void PickleMachine::build() {
  const std::vector<Id> both = pop_items(2);
  const Kind kind = value(both[0]).kind;
  if (kind != Kind::Object && kind != Kind::Dict && kind != Kind::Opaque)
    refuse("it sets attributes of a value that has none");
  value(both[0]).state = both[1];
  push(both[0]);
}

}  // namespace kizu
