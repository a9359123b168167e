package io.lorashear.spark.source;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * The input of one task; the same inputs and limits give the same batches.
 *
 * @param number number of the batch, from 0
 * @param known readings that are known already, of files that were classified by their beginning
 */
public record Batch(int number, List<Slice> slices, List<Reading> known) implements Serializable {

  /** Stored bytes of its files. */
  public long bytes() {
    return slices.stream().mapToLong(slice -> slice.end() - slice.start()).sum();
  }

  /** All readings of the batch, computed lazily. */
  public Readings readings(SerializableConfiguration configuration) {
    return new Readings(this, configuration);
  }

  /** The readings of a batch, with the progress. */
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

    /** Number of stored bytes that were read. */
    public long consumed() {
      return passed + (present == null ? 0 : present.consumed());
    }
  }
}
