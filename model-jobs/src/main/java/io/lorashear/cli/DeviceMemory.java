package io.lorashear.cli;

import ai.djl.Device;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.device.PyTorch;
import io.lorashear.plan.PlannedWork;
import io.lorashear.plan.StagePlan;
import io.lorashear.plan.Work;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** The message for PyTorch running out of memory, on a GPU or outside Java's heap. */
final class DeviceMemory {
  /** The beginning of PyTorch's message; a sentence on the requested bytes may follow. */
  private static final Pattern FULL =
      Pattern.compile(
          "CUDA out of memory(\\. Tried to allocate [\\d.]+ \\w+)?"
              + "|DefaultCPUAllocator: (can't allocate memory: )?you tried to allocate \\d+ bytes"
              + "|DefaultCPUAllocator: not enough memory: you tried to allocate \\d+ bytes");

  private DeviceMemory() {}

  /** The failure of a stage that ran out of memory, with the planned memory. */
  static final class Full extends RuntimeException {
    private static final long serialVersionUID = 1;

    Full(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Runs a stage; if memory runs out, the failure gives the planned memory. */
  static <T> T during(Device device, Supplier<Work> work, Supplier<T> stage) {
    try {
      return stage.get();
    } catch (RuntimeException e) {
      var sentence = sentence(e);
      if (sentence.isEmpty()) {
        throw e;
      }
      var gpus = PyTorch.ofProcess().driver().gpus();
      long bytes = device.isGpu() && !gpus.isEmpty() ? gpus.get(0).bytes() : 0;
      throw new Full(begin(sentence.get()) + StagePlan.shortage(work.get(), bytes), e);
    }
  }

  /** The work of a stage over this corpus, as {@code plan} describes it. */
  static PlannedWork planned(Path corpus, Path model) {
    var manifest = SequenceReader.open(corpus).manifest();
    long bytes = ModelShape.weightBytes(model);
    return new PlannedWork(
        manifest.sequenceLength(),
        manifest.sourceNames().size(),
        bytes == 0 ? OptionalLong.empty() : OptionalLong.of(bytes));
  }

  /** The message in one line; empty for other failures. */
  static Optional<String> told(Throwable failure) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof Full full) {
        return Optional.of(String.valueOf(full.getMessage()));
      }
    }
    return sentence(failure)
        .map(
            text -> begin(text) + "lorashear plan computes what a stage needs and what needs less");
  }

  private static String begin(String sentence) {
    return "the device's memory ran out (%s): ".formatted(sentence);
  }

  private static Optional<String> sentence(Throwable failure) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      var found = FULL.matcher(String.valueOf(cause.getMessage()));
      if (found.find()) {
        return Optional.of(found.group());
      }
    }
    return Optional.empty();
  }
}
