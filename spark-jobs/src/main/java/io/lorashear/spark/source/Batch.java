package io.lorashear.spark.source;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.util.SerializableConfiguration;

/**
 * What one task reads; the same batches for the same inputs and limits.
 *
 * @param number from 0
 * @param known readings that need no reading: files that were found out by their beginning
 */
public record Batch(int number, List<Slice> slices, List<Reading> known) implements Serializable {

  /** Everything in it, as it is asked for. */
  public Iterator<Reading> readings(SerializableConfiguration configuration) {
    return new Readings(this, configuration);
  }

  private static final class Readings implements Iterator<Reading> {
    private final Iterator<Slice> slices;
    private final Iterator<Reading> known;
    private final SerializableConfiguration configuration;
    private Iterator<? extends Reading> present = List.<Reading>of().iterator();

    Readings(Batch batch, SerializableConfiguration configuration) {
      this.slices = batch.slices.iterator();
      this.known = batch.known.iterator();
      this.configuration = configuration;
    }

    @Override
    public boolean hasNext() {
      while (!present.hasNext() && slices.hasNext()) {
        present = new SliceReadings(slices.next(), configuration.value());
      }
      return present.hasNext() || known.hasNext();
    }

    @Override
    public Reading next() {
      return hasNext() && present.hasNext() ? present.next() : known.next();
    }
  }
}
