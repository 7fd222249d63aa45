using Npgsql;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Stores;

/// <summary>What is about the distributed store only; what it has in common with the others, the tests of every PostgreSQL store say.</summary>
public sealed class CitusTests() : OnTestStore(() =>
{
    Assert.SkipWhen(CitusServer.ConnectionString is null, "$USAGE_TEST_CITUS names no Citus.");
    return TestStore.CreateEmptyAsync(StoreKind.PostgreSql);
})
{
    private const string LocalTables =
        """
        SELECT coalesce(string_agg(relname, ' '), '') FROM pg_class
        WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND oid NOT IN (SELECT logicalrelid FROM pg_dist_partition WHERE partmethod = 'h' OR repmodel = 't')
        """;

    [Fact]
    public async Task Every_table_is_distributed_or_on_every_node_and_doing_it_again_changes_nothing()
    {
        IReadOnlyList<string> plan = await Store.PlanInitializeAsync(StoreLayout.Distributed, Cancel);

        Assert.Equal(plan, await Store.InitializeAsync(StoreLayout.Distributed, null, Cancel));

        Assert.Equal("", await Test.ScalarAsync(LocalTables));
        Assert.True((await Store.GetStateAsync(Cancel)).IsDistributed);
        Assert.Empty(await Store.InitializeAsync(StoreLayout.Distributed, null, Cancel));
        Assert.Empty(await Store.InitializeAsync(Cancel));
    }

    [Fact]
    public async Task What_is_there_before_is_there_afterwards_and_the_queue_goes_on()
    {
        await Store.InitializeAsync(Cancel);
        Assert.False((await Store.GetStateAsync(Cancel)).IsDistributed);
        var spool = Guid.NewGuid();
        await Store.WriteAsync(new UsageChunk(spool, 0, [.. Enumerable.Range(0, 100).Select(i => Record("api", i, Utc(2026, 1, 1 + (i % 28)), "c" + (i % 7)))], true), Cancel);
        await Store.WriteAsync(new UsageChunk(spool, 100, [Record("nope", 1, Utc(2026, 1, 1))], true), Cancel);

        await Store.InitializeAsync(StoreLayout.Distributed, null, Cancel);

        await Store.WriteAsync(new UsageChunk(spool, 101, [.. Enumerable.Range(0, 100).Select(i => Record("api", i, Utc(2026, 2, 1), "c" + (i % 7)))], true), Cancel);
        Assert.Equal(new QueueBalance(201, 0, 1, 0, 0, 200), await Store.CompareQueuesAsync(Cancel));
        Assert.Empty(await Store.CompareBucketsAsync(UsageFilter.All, TimeRange.Everything, Cancel));
        Assert.Equal("200", await Test.ScalarAsync("SELECT count(DISTINCT usage_id) FROM billing_usage_records"));
    }

    [Fact]
    public async Task A_table_of_a_newer_version_is_copied_to_every_node()
    {
        await Store.InitializeAsync(StoreLayout.Distributed, null, Cancel);
        await Test.QueryAsync("CREATE TABLE usage_novelties (id integer PRIMARY KEY)");

        Assert.Equal(["keep a copy of usage_novelties on every node"], await Store.PlanInitializeAsync(Cancel));
        await Store.InitializeAsync(Cancel);

        Assert.Equal("", await Test.ScalarAsync(LocalTables));
    }

    [Fact]
    public async Task What_is_in_doubt_is_settled_before_anything_is_counted_or_deleted()
    {
        await Store.InitializeAsync(StoreLayout.Distributed, null, Cancel);
        await Store.WriteAsync(Record("api", 1, Utc(2026, 1, 1)));
        // As if the coordinator had gone away before it committed.
        await CitusServer.OnEveryNodeAsync(new NpgsqlConnectionStringBuilder(Test.ConnectionString).Database!, "BEGIN; CREATE TABLE nothing (); PREPARE TRANSACTION 'citus_0_999999_1_1'");

        await Store.CompareQueuesAsync(Cancel);

        Assert.Equal("0", await Test.ScalarAsync("SELECT count(*) FROM run_command_on_all_nodes('SELECT gid FROM pg_prepared_xacts WHERE database = current_database()') WHERE result <> ''"));
    }
}
