package io.lorashear.spark.tokenize;

import io.lorashear.spark.LocalSpark;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Seeded documents of two sources: running text of any length, and instructions. */
final class SomeDocuments {

  private static final String[] WORDS = {"oak", "Übung", "sieben", "river", "—", "42", "😀", "a"};
  private static final StructType SCHEMA =
      new StructType()
          .add("source", DataTypes.StringType)
          .add("id", DataTypes.StringType)
          .add("text", DataTypes.StringType)
          .add("response", DataTypes.StringType);

  private final List<Row> rows = new ArrayList<>();

  static SomeDocuments of(int web, int tasks) {
    var random = new Random(11);
    var documents = new SomeDocuments();
    for (int i = 0; i < web; i++) {
      int words = i % 10 == 0 ? 400 : 1 + random.nextInt(60);
      documents.rows.add(RowFactory.create("web", "web/f#" + i, text(random, words), ""));
    }
    for (int i = 0; i < tasks; i++) {
      var prompt = "Q" + i + ": " + text(random, 1 + random.nextInt(2)) + "\nA:";
      var response = " " + text(random, 1 + random.nextInt(3));
      documents.rows.add(RowFactory.create("tasks", "tasks/f#" + i, prompt, response));
    }
    return documents;
  }

  private static String text(Random random, int words) {
    var text = new StringBuilder(WORDS[random.nextInt(WORDS.length)]);
    for (int i = 1; i < words; i++) {
      text.append(random.nextInt(12) == 0 ? "\n\n" : " ");
      text.append(WORDS[random.nextInt(WORDS.length)]);
    }
    return text.toString();
  }

  SomeDocuments and(String source, String id, String text, String response) {
    rows.add(RowFactory.create(source, id, text, response));
    return this;
  }

  List<Row> rows() {
    return rows;
  }

  /** Shuffled by {@code partitions} and spread over as many. */
  Dataset<Row> in(int partitions) {
    var shuffled = new ArrayList<>(rows);
    Collections.shuffle(shuffled, new Random(partitions));
    return LocalSpark.session().createDataFrame(shuffled, SCHEMA).repartition(partitions);
  }
}
