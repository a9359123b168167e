package io.lorashear.stop;

import ai.djl.Device;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.cli.Failures;
import io.lorashear.lora.LoraSettings;
import io.lorashear.optim.AdamSettings;
import io.lorashear.optim.LearningRate;
import io.lorashear.run.Progress;
import io.lorashear.run.Stage;
import io.lorashear.torch.Placement;
import io.lorashear.torch.compile.Precision;
import io.lorashear.train.AdaptedModel;
import io.lorashear.train.Batches;
import io.lorashear.train.TinyModel;
import io.lorashear.train.TrainLoop;
import io.lorashear.train.TrainSettings;
import io.lorashear.train.TrainingStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** A program with one stage, for tests that send it signals. */
@Command(name = "signalled")
public final class SignalledStage implements Callable<Integer> {
  static final int STEPS = 500;
  private static final TrainSettings TRAIN =
      new TrainSettings(5e-3, LearningRate.Shape.COSINE, 0.2, 1, 2, 1, 0);

  record Settings(String work) {}

  @Parameters(index = "0")
  String work = "";

  @Parameters(index = "1")
  Path output = Path.of("");

  public static void main(String[] args) {
    StopRequest.listen();
    System.exit(Failures.commandLine(new SignalledStage()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    if (work.equals("no-stage")) {
      sleep();
    }
    Stage.of("signalled", output, new Settings(work), SignalledStage.class)
        .resumes()
        .run(work.equals("train") ? SignalledStage::train : SignalledStage::sleepsOn);
    return 0;
  }

  private static void sleep() throws IOException {
    System.out.println("works");
    while (System.in.read() >= 0) {
      System.out.println("was given a byte");
    }
  }

  private static void sleepsOn(Stage.Output stage) throws IOException {
    sleep();
  }

  private static void train(Stage.Output stage) throws IOException {
    var graph = TinyModel.graph();
    try (var model =
        AdaptedModel.load(
            graph,
            TinyModel.weights(graph, 1),
            new LoraSettings(4, 8, java.util.List.of()),
            7,
            Placement.of(Device.cpu(), Precision.FLOAT32))) {
      var batches = Batches.shuffled(TinyModel.sequences(13, 16, 3), 2, 1, 5);
      var adam = model.adam(AdamSettings.USUAL);
      var loop = new TrainLoop(model.model(), adam, TRAIN.schedule(STEPS), batches, TRAIN);
      var progress = stage.measured(Progress.silent());
      try (var work = progress.begin("train", STEPS, "steps")) {
        loop.run(STEPS, new TrainingStore(stage.scratch(), "run"), work, step -> {});
      }
      var json = JsonFile.object();
      var losses = json.putArray("losses");
      loop.history().forEach(step -> losses.add(step.loss()));
      Files.writeString(stage.directory().resolve("losses.json"), json.toString());
    }
  }
}
