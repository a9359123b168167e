package io.lorashear.verify;

import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;

/** Compares weights with those they were written from, piece by piece. */
record TensorComparison(TensorSource expected, TensorSource found, Rounding rounding) {
  private static final int PIECE = 1 << 18;

  /** What is wrong with the first of {@code names} that differs. */
  Optional<String> firstDifference(Collection<String> names) {
    return names.stream().map(this::difference).flatMap(Optional::stream).findFirst();
  }

  private Optional<String> difference(String name) {
    if (!found.tensors().containsKey(name)) {
      return Optional.of("the tensor " + name + " is missing");
    }
    var before = expected.tensor(name);
    var after = found.tensor(name);
    if (!Arrays.equals(before.shape(), after.shape())) {
      return Optional.of(
          "%s has the shape %s, not %s"
              .formatted(name, Arrays.toString(after.shape()), Arrays.toString(before.shape())));
    }
    double most = rounding.largest() > 0 ? largest(before) : 0;
    var ours = new float[PIECE];
    var theirs = new float[PIECE];
    for (long start = 0; start < before.elements(); start += PIECE) {
      int count = (int) Math.min(PIECE, before.elements() - start);
      read(expected, before, start, ours, count);
      read(found, after, start, theirs, count);
      for (int i = 0; i < count; i++) {
        double allowed = rounding.allowed(ours[i], most);
        if (!(Math.abs((double) theirs[i] - ours[i]) <= allowed) && !same(ours[i], theirs[i])) {
          return Optional.of(
              "%s has %s in the place of %s as its number %,d, and rounding allows %.2g"
                  .formatted(name, theirs[i], ours[i], start + i, allowed));
        }
      }
    }
    return Optional.empty();
  }

  /** A model may have weights that are NaN or infinite; they are written unchanged. */
  private static boolean same(float expected, float found) {
    return Float.compare(expected, found) == 0;
  }

  private double largest(TensorInfo info) {
    var numbers = new float[PIECE];
    double largest = 0;
    for (long start = 0; start < info.elements(); start += PIECE) {
      int count = (int) Math.min(PIECE, info.elements() - start);
      read(expected, info, start, numbers, count);
      for (int i = 0; i < count; i++) {
        largest = Math.max(largest, Math.abs(numbers[i]));
      }
    }
    return largest;
  }

  private static void read(
      TensorSource source, TensorInfo info, long start, float[] numbers, int count) {
    var bytes = ByteBuffer.allocate(count * info.type().bytes());
    source.read(info.name(), start * info.type().bytes(), bytes);
    info.type().decode(bytes.flip(), numbers, 0, count);
  }
}
