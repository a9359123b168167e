package io.lorashear.verify;

import io.lorashear.checkpoint.TensorSource;
import io.lorashear.graph.ModelGraph;
import io.lorashear.torch.TorchScriptFile.Answer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What was written for other programs, read back by readers that are independent of the writers.
 */
public sealed interface Readback extends AutoCloseable {

  @Override
  void close();

  /** Something that this program can compute with. */
  sealed interface Computed extends Readback {
    /** The forward pass. */
    ModelGraph graph();

    /** Its parameters. */
    TensorSource tensors();

    @Override
    default void close() {
      tensors().close();
    }
  }

  /**
   * Weights that equal the model's one by one.
   *
   * @param graph the forward pass as the written files describe it
   * @param tensors its parameters
   * @param tokenizer a tokenizer.json that stands for the written one, if one was written
   * @param positions number of tokens of the longest text that the written files are for
   */
  record Weights(ModelGraph graph, TensorSource tensors, Optional<Path> tokenizer, int positions)
      implements Computed {}

  /**
   * Weights with the same outputs as the model, though no single weight equals the model's.
   *
   * @param graph the forward pass, with LoRA pairs on linears
   * @param tensors its parameters
   */
  record Adapted(ModelGraph graph, TensorSource tensors) implements Computed {}

  /**
   * LoRA pairs for a model that is not on this machine.
   *
   * @param tensors as written
   * @param expected what they were written from
   */
  record Pairs(TensorSource tensors, TensorSource expected) implements Readback {
    @Override
    public void close() {
      tensors.close();
      expected.close();
    }
  }

  /**
   * A self-contained program.
   *
   * @param folder with model.pt in it
   * @param answer what it returns
   */
  record Script(Path folder, Answer answer) implements Readback {
    @Override
    public void close() {}
  }
}
