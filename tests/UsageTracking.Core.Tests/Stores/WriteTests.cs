using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Stores;

public sealed class SqliteWriteTests() : WriteTests(StoreKind.Sqlite);

public sealed class PostgresWriteTests() : WriteTests(StoreKind.PostgreSql);

public abstract class WriteTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    [Fact]
    public async Task What_is_written_is_read_back_to_the_last_digit()
    {
        DateTimeOffset time = Utc(2026, 1, 30, 16, 45, 23).AddTicks(1234560);
        UsageRecord written = Record("bandwidth", 0.123456789012345678m, time, "acme", """{"direction":"egress","bytes":7,"note":"ä, \"q\" 😀"}""", 0.0123456789m, "key-1");

        await Store.WriteAsync(written);

        StoredRecord read = Assert.Single(await ReadAllAsync());
        Assert.Equal("acme", read.CustomerId);
        Assert.Equal("bandwidth", read.Service);
        Assert.Equal(0.123456789012345678m, read.Quantity);
        Assert.Equal(0.0123456789m, read.UnitCost);
        Assert.Equal(time, read.Timestamp);
        Assert.Equal("key-1", read.EventKey);
        Assert.Equal(written.Metadata, read.Metadata);
        Assert.Equal("""{"bytes":7,"direction":"egress","note":"ä, \"q\" 😀"}""", System.Text.Json.Nodes.JsonNode.Parse(read.Metadata.ToString())!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }).Replace("\\uD83D\\uDE00", "😀", StringComparison.Ordinal));
        Assert.InRange(read.ReceivedAt, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
    }

    [Fact]
    public async Task Records_are_stamped_with_the_price_in_force_at_their_time_customer_before_plan_before_list()
    {
        await Execute("INSERT INTO billing_customers (customer_id, project_name) VALUES ('own', 'p'), ('planned', 'p')");
        await Execute("INSERT INTO billing_plans (plan_name) VALUES ('pro')");
        await Execute("INSERT INTO billing_subscriptions (subscription_id, customer_id, plan_name, current_period_start, current_period_end) VALUES ('s', 'planned', 'pro', '2026-01-01', '2026-02-01')");
        await Execute("INSERT INTO usage_prices (service_name, customer_id, plan_name, in_force_from, unit_cost) VALUES ('api', 'own', NULL, '2026-02-01', '0.5'), ('api', NULL, 'pro', '2026-01-01', '0.25'), ('api', NULL, NULL, '2026-02-01', '0.0002')");

        await Store.WriteAsync(
            Record("api", 1, Utc(2026, 1, 31, 23, 59, 59), "own"),
            Record("api", 1, Utc(2026, 2, 1), "own"),
            Record("api", 1, Utc(2026, 2, 1), "planned"),
            Record("api", 1, Utc(2026, 1, 31, 23, 59, 59), "other"),
            Record("api", 1, Utc(2026, 2, 1), "other"),
            Record("api", 1, Utc(2026, 2, 1), "other", unitCost: 9m));

        IEnumerable<string> costs = (await ReadAllAsync()).OrderBy(r => r.Id).Select(r => $"{r.CustomerId} {r.UnitCost}");
        Assert.Equal(["own 0.0001", "own 0.5", "planned 0.25", "other 0.0001", "other 0.0002", "other 9"], costs);
    }

    [Fact]
    public async Task A_chunk_that_comes_again_is_stored_once_and_has_the_same_outcome()
    {
        var chunk = new UsageChunk(Guid.NewGuid(), 0,
            [Record("api", 1, Utc(2026, 1, 1), key: "a"), Record("api", 1, Utc(2026, 1, 1), key: "a"), Record("nope", 1, Utc(2026, 1, 1)), Record("api", 2, Utc(2026, 1, 1))],
            AutoCreateCustomers: true);

        ChunkOutcome first = await Store.WriteAsync(chunk, Cancel);
        ChunkOutcome again = await Store.WriteAsync(chunk, Cancel);

        Assert.Equal(new ChunkOutcome(2, 1, 1), first);
        Assert.Equal(first, again);
        Assert.Equal("2", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
        Assert.Equal("1", await Test.ScalarAsync("SELECT count(*) FROM usage_rejected_records"));
    }

    [Fact]
    public async Task A_chunk_that_overlaps_what_is_stored_is_refused_whole()
    {
        var spool = Guid.NewGuid();
        UsageRecord[] records = [Record("api", 1, Utc(2026, 1, 1)), Record("api", 2, Utc(2026, 1, 1))];
        await Store.WriteAsync(new UsageChunk(spool, 0, records, true), Cancel);

        UsageException error = await Assert.ThrowsAsync<UsageException>(() => Store.WriteAsync(new UsageChunk(spool, 1, records, true), Cancel));

        Assert.Equal("SpoolPositionMismatch", error.ErrorId);
        Assert.Equal("2", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
    }

    [Fact]
    public async Task Buckets_hold_what_the_records_say_even_where_a_decimal_could_not()
    {
        // 28 digits and 18 decimals in one sum: 47 digits, which decimal would round.
        await Store.WriteAsync(
            Record("api", 9999999999999999999999999999m, Utc(2026, 1, 1, 0, 14, 59)),
            Record("api", 0.000000000000000001m, Utc(2026, 1, 1, 0, 14, 59), unitCost: 0.0000000001m));
        await Store.WriteAsync(Record("api", 5m, Utc(2026, 1, 1, 0, 0, 0)), Record("api", 5m, Utc(2026, 1, 1, 0, 15, 0)));

        IReadOnlyList<string[]> buckets = await Test.QueryAsync(
            "SELECT event_count, CAST(total_quantity AS text), CAST(total_cost AS text), part FROM usage_buckets ORDER BY bucket_start");

        Assert.Equal(2, buckets.Count);
        Assert.Equal("3", buckets[0][0]);
        Assert.Equal("10000000000000000000000000004.000000000000000001", buckets[0][1]);
        Assert.Equal("1000000000000000000000000.0004000000000000000000000001", Zeros(buckets[0][2]));
        Assert.Equal("0", buckets[0][3]);
        Assert.Equal(["1", "5"], buckets[1][..2]);

        IReadOnlyList<PeriodFigures> sums = await Store.SumBucketsAsync(UsageFilter.All, [Utc(2026, 1, 1), Utc(2026, 1, 2)], FigureParts.All, Cancel);
        Assert.Equal("10000000000000000000000000009.000000000000000001", sums.Single().Figures.Quantity.ToString());
        Assert.Equal(10000000000000000000000000009m, sums.Single().Figures.Quantity.ToReported());
        IReadOnlyList<PeriodFigures> raw = await Store.SumRecordsAsync(UsageFilter.All, [Utc(2026, 1, 1), Utc(2026, 1, 2)], Cancel);
        Assert.Equal(sums.Single().Figures, raw.Single().Figures);

        static string Zeros(string text) => text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0') : text;
    }

    [Fact]
    public async Task Two_writers_on_the_same_buckets_lose_nothing()
    {
        await using IUsageStore other = Test.OpenAgain();
        Task<ChunkOutcome>[] writes = [.. Enumerable.Range(0, 20).Select(i => Task.Run(() => (i % 2 == 0 ? Store : other).WriteAsync(
            Record("api", 1, Utc(2026, 1, 1), "b"), Record("api", 2, Utc(2026, 1, 1), "a"), Record("compute", 0.5m, Utc(2026, 1, 1), "a")), Cancel))];
        await Task.WhenAll(writes);

        IReadOnlyList<PeriodFigures> sums = await Store.SumBucketsAsync(UsageFilter.All, [Utc(2026, 1, 1), Utc(2026, 1, 2)], FigureParts.All, Cancel);
        Assert.Equal(
            ["a api 20 40", "a compute 20 10", "b api 20 20"],
            sums.Select(s => $"{s.CustomerId} {s.Service} {s.Figures.Events} {s.Figures.Quantity}").Order());
        Assert.Equal("60", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
    }

    [Fact]
    public async Task An_event_key_counts_once_per_customer_and_other_content_under_it_is_set_aside()
    {
        await Store.WriteAsync(Record("api", 1, Utc(2026, 1, 1), "a", key: "k"));

        ChunkOutcome outcome = await Store.WriteAsync(
            Record("api", 1, Utc(2026, 1, 1), "a", key: "k"),
            Record("api", 1, Utc(2026, 1, 1), "b", key: "k"),
            Record("api", 2, Utc(2026, 1, 1), "a", key: "k"),
            Record("api", 1, Utc(2026, 1, 2), "a", key: "k"),
            Record("api", 1, Utc(2026, 1, 2), "a", key: "k") with { HasOwnTimestamp = false });

        Assert.Equal(new ChunkOutcome(1, 2, 2), outcome);
        Assert.Equal(["EventKeyConflict", "EventKeyConflict"], (await Test.QueryAsync("SELECT error_id FROM usage_rejected_records")).Select(r => r[0]));
        Assert.Equal("2", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
        Assert.Equal("2", await Test.ScalarAsync("SELECT sum(event_count) FROM usage_buckets"));
    }

    [Fact]
    public async Task Unknown_services_and_customers_are_set_aside_with_the_reason_and_the_rest_is_stored()
    {
        await Store.SetCustomerAsync(new CustomerChange("known"), Cancel);
        var chunk = new UsageChunk(Guid.NewGuid(), 0,
            [Record("bananas", 1, Utc(2026, 1, 1), "known"), Record("api", 1, Utc(2026, 1, 1), "typo", """{"a":1}""", 0.5m, "k"), Record("API", 3, Utc(2026, 1, 1), "known")],
            AutoCreateCustomers: false);

        ChunkOutcome outcome = await Store.WriteAsync(chunk, Cancel);

        Assert.Equal(new ChunkOutcome(1, 0, 2), outcome);
        IReadOnlyList<string[]> rejected = await Test.QueryAsync(
            "SELECT position, error_id, customer_id, service_name, quantity, unit_cost, metadata, event_key FROM usage_rejected_records ORDER BY position");
        Assert.Equal(["1", "UnknownService", "known", "bananas", "1", "", "{}", ""], rejected[0]);
        Assert.Equal(["2", "UnknownCustomer", "typo", "api", "1", "0.5", """{"a":1}""", "k"], rejected[1]);
        Assert.Equal("api", (await ReadAllAsync()).Single().Service);
        Assert.Equal(["known"], (await Store.GetCustomersAsync(Cancel)).Select(c => c.CustomerId));
    }

    [Fact]
    public async Task Bytes_are_divided_by_the_stores_own_gigabyte()
    {
        await Store.SetBytesPerGigabyteAsync(ServiceCatalogue.DecimalGigabyte, Cancel);
        await Store.WriteAsync(Record("bandwidth", 1, Utc(2026, 1, 1)) with { InBytes = true });

        Assert.Equal(0.000000001m, (await ReadAllAsync()).Single().Quantity);
        UsageException error = await Assert.ThrowsAsync<UsageException>(() => Store.SetBytesPerGigabyteAsync(ServiceCatalogue.BinaryGigabyte, Cancel));
        Assert.Equal("UnitsFixed", error.ErrorId);
        await Store.SetBytesPerGigabyteAsync(ServiceCatalogue.DecimalGigabyte, Cancel);
    }

    [Fact]
    public async Task A_value_the_engine_refuses_costs_the_chunk_and_leaves_nothing_behind()
    {
        await RefuseQuantity666Async();
        var chunk = new UsageChunk(Guid.NewGuid(), 0, [Record("api", 1, Utc(2026, 1, 1)), Record("api", 666, Utc(2026, 1, 1))], true);

        UsageException error = await Assert.ThrowsAsync<UsageException>(() => Store.WriteAsync(chunk, Cancel));

        Assert.Equal("BadRecord", error.ErrorId);
        Assert.Equal("0", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
        Assert.Equal("0", await Test.ScalarAsync("SELECT count(*) FROM usage_buckets"));
        Assert.Equal("0", await Test.ScalarAsync("SELECT count(*) FROM usage_spools"));
    }

    [Fact]
    public async Task Months_long_past_and_to_come_have_room()
    {
        await Store.WriteAsync(
            Record("api", 1, Utc(1980, 1, 1)), Record("api", 1, Utc(2015, 5, 31, 23, 59, 59)), Record("api", 1, Utc(2015, 6, 1)), Record("api", 1, DateTimeOffset.UtcNow.AddHours(23)));

        Assert.Equal(4, (await ReadAllAsync()).Count);
        if (Test.IsPostgres)
        {
            Assert.Equal("1", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records_2015_05"));
            Assert.Equal("1", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records_2015_06"));
        }
    }

    private async Task RefuseQuantity666Async()
    {
        await Execute(Test.IsPostgres
            ? "ALTER TABLE billing_usage_records ADD CONSTRAINT no_beast CHECK (quantity <> 666)"
            : "CREATE TRIGGER no_beast BEFORE INSERT ON billing_usage_records WHEN new.quantity = '666' BEGIN SELECT raise(ABORT, 'no beast'); END");
    }

    private Task Execute(string sql) => Test.QueryAsync(sql);

    private async Task<List<StoredRecord>> ReadAllAsync()
    {
        var records = new List<StoredRecord>();
        await foreach (StoredRecord record in Store.ReadRecordsAsync(UsageFilter.All, TimeRange.Everything, null, includeUndone: true, Cancel))
            records.Add(record);

        return records;
    }
}
