using Npgsql;
using UsageTracking.Queue;
using UsageTracking.Stores;
using UsageTracking.Stores.Postgres;
using UsageTracking.Tests.Testing;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Stores;

/// <summary>What only PostgreSQL has: partitions and row-level security.</summary>
public sealed class PostgresTests() : OnTestStore(() => TestStore.CreateAsync(StoreKind.PostgreSql))
{
    [Fact]
    public async Task A_partition_that_vanished_is_made_again_and_never_taken_for_a_bad_record()
    {
        await Store.WriteAsync(Record("api", 1, Utc(2015, 5, 1)));
        await Test.QueryAsync("DROP TABLE billing_usage_records_2015_05");

        ChunkOutcome outcome = await Store.WriteAsync(Record("api", 1, Utc(2015, 5, 1)));

        Assert.Equal(new ChunkOutcome(1, 0, 0), outcome);
        Assert.Equal("1", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records_2015_05"));
    }

    [Fact]
    public async Task A_role_under_row_level_security_without_any_right_to_create_tables_can_write()
    {
        CitusServer.SkipHere("Citus tells the workers nothing of app.current_customer_id, and it does not let parts of a chunk act for different customers.");
        string role = "writer_" + Guid.NewGuid().ToString("N")[..8];
        await Test.QueryAsync($"CREATE ROLE {role} LOGIN");
        try
        {
            await Test.QueryAsync($"GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO {role}; GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}");
            await Test.QueryAsync("ALTER TABLE billing_usage_records ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON billing_usage_records USING (customer_id = 'acme') WITH CHECK (customer_id = 'acme')");
            string connectionString = new NpgsqlConnectionStringBuilder(Test.ConnectionString) { Username = role }.ToString();
            await using var asRole = new PostgresStore(connectionString);

            ChunkOutcome outcome = await asRole.WriteAsync(Record("api", 2, Utc(2014, 3, 1), "acme"), Record("api", 3, Utc(2014, 4, 1), "acme", key: "k"));

            Assert.Equal(new ChunkOutcome(2, 0, 0), outcome);
            Assert.Equal("5", await Test.ScalarAsync("SELECT sum(quantity) FROM billing_usage_records"));
            Assert.Equal("5", await Test.ScalarAsync("SELECT sum(total_quantity) FROM usage_buckets"));

            StoredReading reading = new("m", ReadingKind.Total, Utc(2014, 5, 1), 9) { Usage = 4 };
            await asRole.WriteReadingsAsync(new ReadingChange("acme", "api", 0, [new ReadingUpdate(null, reading)], true), TestContext.Current.CancellationToken);
            StoredReading stored = (await asRole.GetReadingsAsync("acme", "api", default, TestContext.Current.CancellationToken)).Readings.Single();
            await asRole.WriteReadingsAsync(new ReadingChange("acme", "api", 1, [new ReadingUpdate(stored, stored with { Usage = 0 })], true), TestContext.Current.CancellationToken);
            Assert.Equal("5", await Test.ScalarAsync("SELECT sum(quantity) FROM billing_usage_records"));

            // A row that the policy refuses costs none of its neighbours.
            await using var queue = new UsageQueue(asRole, new QueueSettings(int.MaxValue, TimeSpan.FromHours(1), true));
            foreach (string customer in (string[])["acme", "acme", "stranger", "acme"])
                queue.Add(Record("api", 1, Utc(2014, 3, 1), customer), TestContext.Current.CancellationToken);
            FlushResult flush = await queue.FlushAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            Assert.Equal((3, 1, 0), (flush.Committed, flush.Rejected, flush.Remaining));
        }
        finally
        {
            await Test.QueryAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    [Fact]
    public async Task A_table_of_records_that_is_not_ours_is_left_alone()
    {
        await using TestStore other = await TestStore.CreateEmptyAsync(StoreKind.PostgreSql);
        await other.QueryAsync("CREATE TABLE billing_usage_records (usage_id bigserial PRIMARY KEY)");

        UsageException error = await Assert.ThrowsAsync<UsageException>(() => other.Store.InitializeAsync(TestContext.Current.CancellationToken));

        Assert.Equal("ForeignSchema", error.ErrorId);
        Assert.Equal("0", await other.ScalarAsync("SELECT count(*) FROM pg_class WHERE relname = 'usage_settings'"));
    }
}
