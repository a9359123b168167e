package io.lorashear.spark.source;

import java.io.Serializable;

/**
 * How the records of a source are read.
 *
 * @param textField field of a JSON line that holds the text
 * @param separator string that ends a document inside a text file; empty: the file is one document
 * @param sentencesPerDocument lines of a sentence-per-line file that make one document
 * @param firstRecords number of records read from the beginning of each file
 * @param recordBytes largest size of a record in bytes, unpacked
 * @param windowBytes memory outside the heap that unpacking may take, in bytes
 */
record ReadOptions(
    String textField,
    String separator,
    int sentencesPerDocument,
    long firstRecords,
    int recordBytes,
    long windowBytes)
    implements Serializable {}
