package io.lorashear.watch;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.metrics.StageMetrics;
import java.time.Instant;
import java.util.List;

/** The data of a run that the page shows, as JSON. */
final class WatchData {
  private static final int POINTS = 1500; // maximum points of a curve

  private WatchData() {}

  static ObjectNode of(WatchedRun run, Instant now) {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("run", run.run().toString());
    json.put("state", run.state().map(Enum::name).orElse("WAITS"));
    json.put("ended", run.ended());
    json.put("sentence", WatchText.sentence(run, now));
    json.put("now", WatchText.now(run));
    WatchText.notes(run).forEach(json.putArray("notes")::add);
    run.current()
        .flatMap(StageMetrics::latest)
        .ifPresent(
            line -> {
              boolean step = line.has("step");
              json.put("done", line.path(step ? "step" : "done").asLong());
              json.put("total", line.path(step ? "steps" : "total").asLong());
            });
    var parts = json.putArray("stages");
    for (var part : run.parts()) {
      var one = parts.addObject().put("name", part.name());
      part.seconds().ifPresent(seconds -> one.put("seconds", seconds));
    }
    var curves = json.putArray("curves");
    for (var stage : run.stages()) {
      if (!stage.steps().isEmpty()) {
        curves.add(curve(run.title(stage), stage));
      }
    }
    return json;
  }

  private static ObjectNode curve(String name, StageMetrics stage) {
    var json = JsonNodeFactory.instance.objectNode().put("name", name);
    var steps = stage.steps();
    int every = (steps.size() + POINTS - 1) / POINTS;
    json.put("steps", steps.get(steps.size() - 1).path("steps").asLong()).put("every", every);
    var points = json.putArray("points");
    for (int i = (steps.size() - 1) % every; i < steps.size(); i += every) {
      var step = steps.get(i);
      var point = points.addObject().put("step", step.path("step").asLong());
      for (var figure : List.of("loss", "tokensPerSecond", "learningRate")) {
        if (step.has(figure)) {
          point.set(figure, step.path(figure));
        }
      }
    }
    var validations = json.putArray("validations");
    for (var line : stage.validations()) {
      validations
          .addObject()
          .put("step", line.path("step").asLong())
          .set("loss", line.path("loss"));
    }
    return json;
  }
}
