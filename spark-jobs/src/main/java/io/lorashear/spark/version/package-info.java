/**
 * Which Spark this program was compiled for, and which it runs on. In: a jar's manifest and the
 * Spark on the class path. Out: a message if they do not go together. It follows no section of a
 * paper.
 */
@NullMarked
package io.lorashear.spark.version;

import org.jspecify.annotations.NullMarked;
