package io.lorashear.bench;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.generate.Sampling;
import io.lorashear.torch.Continuation;
import io.lorashear.torch.MatrixProducts;
import io.lorashear.torch.TorchModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/** A model that reads a prompt and continues it, repeatedly. */
final class Speaker implements AutoCloseable {
  private final Path checkpoint;
  private final TorchModel model;
  private final int[] prompt;
  private final int tokens;
  private final MatrixProducts reading;
  private final MatrixProducts step;
  private Continuation text;
  private float[] logits = {};

  private Speaker(Path checkpoint, TorchModel model, int[] prompt, int tokens) {
    this.checkpoint = checkpoint;
    this.model = model;
    this.prompt = prompt;
    this.tokens = tokens;
    this.reading = new MatrixProducts(model, prompt.length, 1, false);
    this.step = new MatrixProducts(model, 1, 1, false);
    this.text = model.continuation();
  }

  /**
   * Loads a model and draws a prompt.
   *
   * @throws InputException if it has too few positions
   */
  static Speaker open(Path checkpoint, int prompt, int tokens, Device device) {
    try (var opened = Checkpoint.open(checkpoint)) {
      int positions = opened.config().maximumPositions();
      if (prompt + tokens > positions) {
        throw new InputException(
            "--length %d and --tokens %d are together more than the %d positions of %s: give less",
            prompt, tokens, positions, checkpoint);
      }
      var ids = new Random(1).ints(prompt, 0, opened.config().vocabularySize()).toArray();
      var model = TorchModel.load(opened.graph(), opened.tensors(), device);
      return new Speaker(checkpoint, model, ids, tokens);
    }
  }

  /** Reads the prompt. */
  void read() {
    text.close();
    text = model.continuation();
    logits = text.logits(prompt);
  }

  /** Continues the text. */
  void speak() {
    var random = new SplittableRandom(0);
    for (int i = 0; i < tokens; i++) {
      logits = text.logits(Sampling.GREEDY.choose(logits, random));
    }
  }

  /** Computes only the matrix products of reading. */
  void readingProducts() {
    reading.run();
  }

  /** Computes only the matrix products of generating. */
  void speakingProducts() {
    for (int i = 0; i < tokens; i++) {
      step.run();
    }
  }

  /**
   * The speed, from the times of reading, its products, generating, its products; the last text
   * must still be kept.
   */
  GenerationSpeed speed(List<Repetitions> times) {
    long parameters = model.graph().parameterCount();
    return new GenerationSpeed(
        String.valueOf(checkpoint.getFileName()),
        parameters,
        FileBench.bytes(checkpoint),
        parameters * Float.BYTES,
        text.bytes(),
        times.get(0),
        times.get(1),
        times.get(2),
        times.get(3));
  }

  @Override
  public void close() {
    text.close();
    reading.close();
    step.close();
    model.close();
  }
}
