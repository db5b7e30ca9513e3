#include "diffusion/sampler.h"

#include "diffusion/ddim.h"
#include "diffusion/dpm_solver.h"

namespace kizu::diffusion {
namespace {

DdimOptions as_ddim(const SamplerOptions& o) {
  return {o.steps, o.eta, o.spacing, o.ending, o.last_steps};
}

}  // namespace

const std::vector<std::pair<std::string, Solver>>& solvers() {
  static const std::vector<std::pair<std::string, Solver>> all{{"ddim", Solver::kDdim},
                                                               {"dpm++", Solver::kDpmSolver},
                                                               {"dpm++sde", Solver::kDpmSolverSde},
                                                               {"unipc", Solver::kUniPc}};
  return all;
}

const std::string& name_of(Solver solver) {
  return solvers().at(static_cast<std::size_t>(solver)).first;
}

Spacing spacing_for(Solver solver) {
  return solver == Solver::kDdim ? Spacing::kTrailing : Spacing::kLogSnr;
}

void SamplerOptions::check() const {
  as_ddim(*this).check();
}

torch::Tensor sample(const Denoiser& denoise, const Schedule& schedule, torch::Tensor x,
                     const SamplerOptions& o, const Attachments& attached) {
  o.check();
  if (o.solver == Solver::kDdim) return ddim(denoise, schedule, std::move(x), as_ddim(o), attached);
  const bool stochastic = o.solver == Solver::kDpmSolverSde, corrected = o.solver == Solver::kUniPc;
  return dpm_solver(denoise, schedule, std::move(x),
                    {o.steps, o.spacing, o.ending, o.last_steps, stochastic, corrected}, attached);
}

}  // namespace kizu::diffusion
