// Compiled against the module's own Microsoft.Data.Sqlite and loaded beside it.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace UsageTracking.Bench
{
    /// <summary>A bare loop of prepared inserts into the records' table: no queue, no prices, no buckets.</summary>
    public static class SqlitePeer
    {
        /// <summary>Copies the records of one file into another; returns the seconds that the inserts took.</summary>
        public static double Insert(string from, string to, int perTransaction)
        {
            var rows = new List<object[]>();
            using (var source = new SqliteConnection("Pooling=False;Mode=ReadOnly;Data Source=" + from))
            {
                source.Open();
                using SqliteCommand select = source.CreateCommand();
                select.CommandText = "SELECT customer_id, service_name, quantity, unit_cost, metadata, recorded_at, received_at FROM billing_usage_records ORDER BY usage_id";
                using SqliteDataReader reader = select.ExecuteReader();
                while (reader.Read())
                {
                    var row = new object[7];
                    reader.GetValues(row);
                    rows.Add(row);
                }
            }

            using var target = new SqliteConnection("Pooling=False;Data Source=" + to);
            target.Open();
            using SqliteCommand settings = target.CreateCommand();
            settings.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL";
            settings.ExecuteNonQuery();
            var watch = Stopwatch.StartNew();
            for (int i = 0; i < rows.Count; i += perTransaction)
            {
                using SqliteTransaction transaction = target.BeginTransaction();
                using SqliteCommand insert = target.CreateCommand();
                insert.Transaction = transaction;
                insert.CommandText = "INSERT INTO billing_usage_records (customer_id, service_name, quantity, unit_cost, metadata, recorded_at, received_at, aggregated) VALUES ($1, $2, $3, $4, $5, $6, $7, 1)";
                for (int column = 1; column <= 7; column++)
                    insert.Parameters.Add(new SqliteParameter("$" + column, null));

                insert.Prepare();
                for (int row = i; row < Math.Min(i + perTransaction, rows.Count); row++)
                {
                    for (int column = 0; column < 7; column++)
                        insert.Parameters[column].Value = rows[row][column];

                    insert.ExecuteNonQuery();
                }

                transaction.Commit();
            }

            return watch.Elapsed.TotalSeconds;
        }
    }
}
