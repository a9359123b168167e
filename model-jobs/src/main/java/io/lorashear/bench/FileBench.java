package io.lorashear.bench;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.torch.TorchModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Measures loading weights from files onto the device, in turn with a plain read of the same files,
 * both from a warm cache.
 */
public record FileBench(Path checkpoint, int repetitions, Device device) {
  private static final int PIECE = 1 << 24;

  /** Measures opening, tracing, and loading every weight in float32 on the device. */
  public Measurement load() {
    var files = files(checkpoint);
    Runnable ours = this::open;
    ours.run();
    var peak = PeakMemory.peak();
    read(files);
    var times = Repetitions.alternating(repetitions, List.of(ours, () -> read(files)));
    var setting = new LinkedHashMap<String, Object>();
    setting.put("model", String.valueOf(checkpoint.getFileName()));
    setting.put("device", device.toString());
    double bytes = bytes(checkpoint);
    return new Measurement(
        Workload.LOAD, bytes, times.get(0), "plain read", times.get(1), peak, setting);
  }

  private void open() {
    try (var opened = Checkpoint.open(checkpoint)) {
      TorchModel.load(opened.graph(), opened.tensors(), device).close();
    }
  }

  /** Size of a checkpoint's weight files in bytes. */
  static long bytes(Path checkpoint) {
    return files(checkpoint).stream().mapToLong(FileBench::size).sum();
  }

  private static List<Path> files(Path checkpoint) {
    if (Files.isRegularFile(checkpoint)) {
      return List.of(checkpoint);
    }
    try (var inside = Files.list(checkpoint)) {
      return inside.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void read(List<Path> files) {
    var buffer = ByteBuffer.allocateDirect(PIECE);
    for (var file : files) {
      try (var channel = FileChannel.open(file)) {
        while (channel.read(buffer.clear()) >= 0) {}
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
