package io.lorashear.spark.source;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * What one task reads; the same batches for the same inputs and limits.
 *
 * @param number from 0
 * @param known readings that need no reading: files that were found out by their beginning
 */
public record Batch(int number, List<Slice> slices, List<Reading> known) implements Serializable {

  /** Bytes of its files, as they lie. */
  public long bytes() {
    return slices.stream().mapToLong(slice -> slice.end() - slice.start()).sum();
  }

  /** Everything in it, as it is asked for. */
  public Readings readings(SerializableConfiguration configuration) {
    return new Readings(this, configuration);
  }

  /** The readings of a batch, which knows how far it is. */
  public static final class Readings implements Iterator<Reading> {
    private final Iterator<Slice> slices;
    private final Iterator<Reading> known;
    private final SerializableConfiguration configuration;
    private @Nullable SliceReadings present;
    private long passed;

    private Readings(Batch batch, SerializableConfiguration configuration) {
      this.slices = batch.slices.iterator();
      this.known = batch.known.iterator();
      this.configuration = configuration;
    }

    @Override
    public boolean hasNext() {
      while ((present == null || !present.hasNext()) && slices.hasNext()) {
        passed += present == null ? 0 : present.consumed();
        present = new SliceReadings(slices.next(), configuration.value());
      }
      return present != null && present.hasNext() || known.hasNext();
    }

    @Override
    public Reading next() {
      return hasNext() && present != null && present.hasNext() ? present.next() : known.next();
    }

    /** Bytes that were read, as they lie in their files. */
    public long consumed() {
      return passed + (present == null ? 0 : present.consumed());
    }
  }
}
