package io.lorashear.method;

import io.lorashear.optim.Lhspg;
import io.lorashear.saliency.Saliency;
import io.lorashear.settings.Settings;
import io.lorashear.train.AdaptedModel;
import io.lorashear.train.Batches;
import io.lorashear.train.TrainLoop;
import io.lorashear.train.TrainingStore;
import org.jspecify.annotations.Nullable;

/** LoRAShear's progressive pruning: see {@link Lhspg}. */
final class LhspgMethod implements PruningMethod {
  @Override
  public Outcome prune(Task task) {
    var settings = task.settings();
    var model =
        AdaptedModel.load(
            task.graph(),
            task.tensors(),
            settings.lora(),
            settings.seed(),
            task.device(),
            settings.train().precision());
    try {
      var lhspg = lhspg(model, task);
      var batches =
          Batches.shuffled(
              task.calibration(),
              settings.train().rows(),
              settings.train().accumulate(),
              settings.seed());
      long steps = settings.lhspg().steps();
      var loop =
          new TrainLoop(
              model.model(), lhspg, settings.train().schedule(steps), batches, settings.train());
      try (var work = task.progress().begin("prune", steps, "steps")) {
        loop.run(
            steps,
            store(task),
            step -> {
              work.step(1);
              work.note("loss %.3f".formatted(step.loss()));
            });
      }
      var plan = lhspg.finish();
      var report = lhspg.report().toJson();
      report.put("tokens", loop.history().stream().mapToLong(step -> step.tokens()).sum());
      var losses = report.putArray("losses");
      loop.history().forEach(step -> losses.add(step.loss()));
      return new Result(task, plan, model.baseTensors(), report, model::close);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private static Lhspg lhspg(AdaptedModel model, Task task) {
    var settings = task.settings();
    var running = model.model();
    var axes = task.axes(running, model.bindings());
    var calibration = new Calibration(task, running, axes);
    return new Lhspg(
        running.manager(),
        model.adam(settings.adam()),
        model.fold(),
        task.budget(),
        settings.lhspg(),
        new Saliency(axes, settings.saliency(), calibration::scores),
        calibration.compensation());
  }

  private static @Nullable TrainingStore store(Task task) {
    var scratch = task.scratch();
    return scratch == null
        ? null
        : new TrainingStore(scratch.resolve("training"), Settings.canonical(task.settings()));
  }
}
