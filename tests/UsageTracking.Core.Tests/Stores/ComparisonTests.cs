using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Stores;

public sealed class SqliteComparisonTests() : ComparisonTests(StoreKind.Sqlite);

public sealed class PostgresComparisonTests() : ComparisonTests(StoreKind.PostgreSql);

public abstract class ComparisonTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    private const string Bucket = "customer_id = 'a' AND service_name = 'api' AND bucket_start = '2026-01-01 01:00:00.000000Z'";
    private const string FirstRecord = "customer_id = 'a' AND service_name = 'api' AND recorded_at = '2026-01-01 01:01:00.000000Z'";

    private static readonly TimeRange Day = new(Utc(2026, 1, 1), Utc(2026, 1, 2));

    [Fact]
    public async Task What_was_tampered_with_is_named_and_nothing_beside_it()
    {
        (string Sql, string? Expected)[] cases =
        [
            ($"UPDATE usage_buckets SET total_quantity = '99' WHERE {Bucket}", "01:00-01:15 2,99,15 2,15,15 +0"),
            ($"UPDATE usage_buckets SET event_count = 7 WHERE {Bucket}", "01:00-01:15 7,15,15 2,15,15 +0"),
            ($"UPDATE usage_buckets SET total_cost = '0' WHERE {Bucket}", "01:00-01:15 2,15,0 2,15,15 +0"),
            ($"UPDATE usage_buckets SET max_quantity = '99' WHERE {Bucket}", "01:00-01:15 2,15,15 2,15,15 +0"),
            ($"UPDATE usage_buckets SET min_quantity = NULL WHERE {Bucket}", "01:00-01:15 2,15,15 2,15,15 +0"),
            ($"UPDATE usage_buckets SET first_event = '2026-01-01 01:00:00.000000Z' WHERE {Bucket}", "01:00-01:15 2,15,15 2,15,15 +0"),
            ($"UPDATE usage_buckets SET last_event = '2026-01-01 01:14:00.000001Z' WHERE {Bucket}", "01:00-01:15 2,15,15 2,15,15 +0"),
            ($"UPDATE usage_buckets SET part = 1 WHERE {Bucket}", "01:00-01:15 0,0,0 2,15,15 +0"),
            ($"DELETE FROM usage_buckets WHERE {Bucket}", "01:00-01:15 0,0,0 2,15,15 +0"),
            ($"INSERT INTO usage_buckets SELECT customer_id, service_name, '2026-01-01 23:45:00.000000Z', 0, 1, '4', '4', '4', '4', first_event, last_event FROM usage_buckets WHERE {Bucket}", "23:45-00:00 1,4,4 0,0,0 +0"),
            ($"DELETE FROM billing_usage_records WHERE {FirstRecord}", "01:00-01:15 2,15,15 1,10,10 +0"),
            ($"UPDATE billing_usage_records SET quantity = '5.000000000000000001' WHERE {FirstRecord}", "01:00-01:15 2,15,15 2,15.000000000000000001,15.000000000000000001 +0"),
            ($"UPDATE billing_usage_records SET unit_cost = '2' WHERE {FirstRecord}", "01:00-01:15 2,15,15 2,15,20 +0"),
            ($"UPDATE billing_usage_records SET aggregated = false WHERE {FirstRecord}", null),
        ];
        foreach ((string sql, string? expected) in cases)
        {
            await ExecuteAsync("DELETE FROM usage_buckets");
            await ExecuteAsync("DELETE FROM billing_usage_records");
            await WriteAsync();
            // Archives are not compared.
            await ExecuteAsync($"INSERT INTO usage_buckets SELECT customer_id, service_name, bucket_start, 1, 8, '8', '8', '8', '8', first_event, last_event FROM usage_buckets WHERE {Bucket.Replace("01:00", "01:15", StringComparison.Ordinal)}");
            Assert.Empty(await CompareAsync());

            await ExecuteAsync(sql);

            string[] named = [sql, .. expected is null ? (string[])[] : ["a api " + expected]];
            Assert.Equal(named, (await CompareAsync()).Prepend(sql));
        }
    }

    [Fact]
    public async Task Rows_of_other_programs_are_told_apart()
    {
        await WriteAsync();
        await Test.InsertAsync(Record("api", 100, Utc(2026, 1, 1, 1, 7), "b"));
        await Test.InsertAsync(Record("api", 7, Utc(2026, 1, 1, 4), "b"), "NULL");

        Assert.Equal(["b api 01:00-01:15 2,15,15 3,115,15 +1", "b api 04:00-04:15 0,0,0 1,7,0 +1"], await CompareEachAsync());

        async Task<IEnumerable<string>> CompareEachAsync() => [.. await CompareAsync(hours: (1, 2)), .. await CompareAsync(hours: (3, 24))];
    }

    [Fact]
    public async Task Differing_buckets_in_a_row_are_one_range_and_an_agreeing_one_parts_them()
    {
        await WriteAsync();
        await ExecuteAsync("UPDATE usage_buckets SET event_count = 3, max_quantity = '50' WHERE customer_id = 'a' AND service_name = 'api' AND bucket_start <> '2026-01-01 01:00:00.000000Z'");
        await ExecuteAsync("DELETE FROM usage_buckets WHERE customer_id = 'a' AND bucket_start = '2026-01-01 00:15:00.000000Z'");
        await ExecuteAsync("UPDATE usage_buckets SET total_quantity = '0' WHERE customer_id = 'b' AND bucket_start = '2026-01-01 01:45:00.000000Z'");

        // Quantities of the quarter hours are 3, 6, 9 and so on.
        string[] all =
        [
            "a api 00:00-01:00 9,24,24 8,30,30 +0",
            "a api 01:15-02:00 9,63,63 6,63,63 +0",
            "a compute 00:15-00:30 0,0,0 2,6,6 +0",
            "b api 01:45-02:00 2,0,24 2,24,24 +0",
            "b compute 01:45-02:00 2,0,24 2,24,24 +0",
        ];
        Assert.Equal(all, await CompareAsync());
        Assert.Equal([all[0], all[1], all[3]], await CompareAsync(new UsageFilter(null, ["api"])));
        Assert.Equal(all[3..], await CompareAsync(new UsageFilter(["b", "nobody"], null)));
        Assert.Empty(await CompareAsync(new UsageFilter(["b"], [])));
        BucketDifference first = (await Store.CompareBucketsAsync(UsageFilter.All, Day, Cancel))[0];
        Assert.Equal((1, 50m, 1m, 8m), (first.InBuckets.Minimum, first.InBuckets.Maximum, first.InRecords.Minimum, first.InRecords.Maximum));
    }

    [Fact]
    public async Task A_range_grows_to_quarter_hours_and_no_further()
    {
        await WriteAsync();
        await ExecuteAsync("UPDATE usage_buckets SET event_count = 3");
        var filter = new UsageFilter(["a"], ["api"]);

        Assert.Equal(["a api 00:45-01:00 3,12,12 2,12,12 +0"], await CompareAsync(filter, Utc(2026, 1, 1, 0, 50), Utc(2026, 1, 1, 0, 50, 1)));
        Assert.Equal(["a api 00:45-01:00 3,12,12 2,12,12 +0"], await CompareAsync(filter, Utc(2026, 1, 1, 0, 45), Utc(2026, 1, 1, 1)));
        Assert.Equal(["a api 00:30-01:15 9,36,36 6,36,36 +0"], await CompareAsync(filter, Utc(2026, 1, 1, 0, 44, 59), Utc(2026, 1, 1, 1, 0, 1)));
        Assert.Empty(await CompareAsync(filter, Utc(2026, 1, 1, 2), Utc(2026, 1, 2)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_was_done_to_it_an_update_leaves_nothing_to_tell_and_nothing_to_do(int seed)
    {
        await WriteAsync();
        var random = new Random(seed);
        for (int i = 0; i < 25; i++)
        {
            string customer = random.Next(2) == 0 ? "a" : "b";
            DateTimeOffset quarter = Day.Start.AddMinutes(15 * random.Next(10));
            string bucket = $"customer_id = '{customer}' AND bucket_start = '{SqlTime(quarter)}'";
            string record = $"customer_id = '{customer}' AND recorded_at = '{SqlTime(quarter.AddMinutes(random.Next(2) == 0 ? 1 : 14))}'";
            await (random.Next(8) switch
            {
                0 => ExecuteAsync($"UPDATE usage_buckets SET total_quantity = '{random.Next(50)}' WHERE {bucket}"),
                1 => ExecuteAsync($"UPDATE usage_buckets SET first_event = NULL, min_quantity = NULL WHERE {bucket}"),
                2 => ExecuteAsync($"DELETE FROM usage_buckets WHERE {bucket}"),
                3 => ExecuteAsync($"INSERT INTO usage_buckets VALUES ('{customer}', 'storage', '{SqlTime(quarter)}', 0, 1, '1', '1', '1', '1', NULL, NULL) ON CONFLICT DO NOTHING"),
                4 => ExecuteAsync($"DELETE FROM billing_usage_records WHERE {record}"),
                5 => ExecuteAsync($"UPDATE billing_usage_records SET quantity = '{random.Next(50)}' WHERE {record}"),
                6 => ExecuteAsync($"UPDATE billing_usage_records SET aggregated = NULL WHERE {record}"),
                _ => Test.InsertAsync(Record("api", random.Next(50), quarter.AddSeconds(random.Next(900)), random.Next(2) == 0 ? customer : "new")),
            });
        }

        DateTimeOffset start = Day.Start.AddMinutes(random.Next(60));
        var range = new TimeRange(start, start.AddMinutes(random.Next(1, 80)));
        foreach ((UsageFilter filter, TimeRange repair) in ((UsageFilter, TimeRange)[])[(new(["a", "new"], ["api"]), range), (UsageFilter.All, range), (UsageFilter.All, Day)])
        {
            Assert.NotEmpty(await Store.CompareBucketsAsync(filter, repair, Cancel));
            await Store.UpdateSummaryAsync(filter, repair, Cancel);
            Assert.Empty(await Store.CompareBucketsAsync(filter, repair, Cancel));
            Assert.Equal(new SummaryUpdate(0, 0), await Store.UpdateSummaryAsync(filter, repair, Cancel));
        }
    }

    [Fact]
    public async Task A_bucket_that_is_both_added_to_and_put_right_has_changed_once()
    {
        await WriteAsync();
        await ExecuteAsync($"UPDATE usage_buckets SET event_count = 7 WHERE {Bucket}");
        await Test.InsertAsync(Record("api", 100, Utc(2026, 1, 1, 1, 7), "a"));

        Assert.Equal(new SummaryUpdate(1, 1), await Store.UpdateSummaryAsync(UsageFilter.All, Day, Cancel));
    }

    [Fact]
    public async Task Queues_and_table_agree_whatever_became_of_the_records()
    {
        Assert.Equal(new QueueBalance(0, 0, 0, 0, 0, 0), await Store.CompareQueuesAsync(Cancel));
        var spool = Guid.NewGuid();
        UsageRecord good = Record("api", 1, Utc(2026, 1, 1));
        await Store.WriteAsync(new UsageChunk(spool, 0, [good, good], true), Cancel);
        await ExpectAsync(new QueueBalance(2, 0, 0, 0, 0, 2));

        var mixed = new UsageChunk(spool, 2, [good with { EventKey = "k" }, good with { EventKey = "k" }, good with { Service = "nope" }, good, good with { Service = "nope" }], true);
        await Store.WriteAsync(mixed, Cancel);
        await ExpectAsync(new QueueBalance(7, 1, 2, 0, 0, 4));
        await Store.WriteAsync(mixed, Cancel);
        await ExpectAsync(new QueueBalance(7, 1, 2, 0, 0, 4));

        // Three were lost on the way.
        await Store.WriteAsync(new UsageChunk(spool, 10, [good, good with { EventKey = "k" }], true) { StorePosition = 7 }, Cancel);
        await ExpectAsync(new QueueBalance(12, 2, 2, 3, 0, 5));
        await Store.WriteAsync(new UsageChunk(Guid.NewGuid(), 4, [good with { CustomerId = "other" }], true) { StorePosition = 0 }, Cancel);
        await ExpectAsync(new QueueBalance(17, 2, 2, 7, 0, 6));
        await Store.WriteAsync(new UsageChunk(spool, 12, [good, good], true) { Refusal = new UsageException(UsageErrorKind.Conflict, "BadRecord", "No.") }, Cancel);
        await ExpectAsync(new QueueBalance(19, 2, 4, 7, 0, 6));

        await Test.InsertAsync(Record("api", 1, Utc(2026, 1, 1), "other"));
        await Test.InsertAsync(Record("api", 1, Utc(2026, 1, 2), "other"), "NULL");
        await ExpectAsync(new QueueBalance(19, 2, 4, 7, 0, 6));
        await Store.UpdateSummaryAsync(UsageFilter.All, new TimeRange(Utc(2026, 1, 1), Utc(2026, 1, 2)), Cancel);
        await ExpectAsync(new QueueBalance(19, 2, 4, 7, 1, 7));
        // Of the three of this customer one was never counted.
        await Store.RemoveCustomerAsync("other", Cancel);
        await ExpectAsync(new QueueBalance(19, 2, 4, 7, -1, 5));

        await ExecuteAsync("DELETE FROM usage_buckets");
        await ExecuteAsync("DELETE FROM billing_usage_records WHERE event_key = 'k'");
        QueueBalance after = await Store.CompareQueuesAsync(Cancel);
        Assert.Equal((5, 4), (after.Expected, after.Records));

        async Task ExpectAsync(QueueBalance expected)
        {
            Assert.Equal(expected, await Store.CompareQueuesAsync(Cancel));
            Assert.Equal(expected.Records, expected.Expected);
        }
    }

    /// <summary>Two records in each of the first eight quarter hours for each of two customers and services: of n and 2n in the nth.</summary>
    private Task WriteAsync() => Store.WriteAsync(
    [
        .. from customer in (string[])["a", "b"]
           from service in (string[])["api", "compute"]
           from n in Enumerable.Range(1, 8)
           from part in (int[])[1, 2]
           select Record(service, n * part, Day.Start.AddMinutes((15 * (n - 1)) + (part == 1 ? 1 : 14)), customer, unitCost: 1),
    ]);

    private Task ExecuteAsync(string sql) => Test.QueryAsync(sql);

    private Task<IEnumerable<string>> CompareAsync(UsageFilter? filter = null, (int From, int To)? hours = null) =>
        CompareAsync(filter, Day.Start.AddHours(hours?.From ?? 0), Day.Start.AddHours(hours?.To ?? 24));

    private async Task<IEnumerable<string>> CompareAsync(UsageFilter? filter, DateTimeOffset start, DateTimeOffset end) =>
        (await Store.CompareBucketsAsync(filter ?? UsageFilter.All, new TimeRange(start, end), Cancel)).Select(d => FormattableString.Invariant(
            $"{d.CustomerId} {d.Service} {d.Range.Start:HH:mm}-{d.Range.End:HH:mm} {Show(d.InBuckets)} {Show(d.InRecords)} +{d.Unfolded}"));

    private static string Show(Figures figures) => $"{figures.Events},{figures.Quantity},{figures.Cost}";
}
