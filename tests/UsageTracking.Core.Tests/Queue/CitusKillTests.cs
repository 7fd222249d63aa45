using Npgsql;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;

namespace UsageTracking.Tests.Queue;

/// <summary>Sessions that are killed, and connections between the servers of a Citus that are cut, at any moment.</summary>
public sealed class CitusKillTests() : OnTestStore(() =>
{
    Assert.SkipWhen(CitusServer.ConnectionString is null, "$USAGE_TEST_CITUS names no Citus.");
    return TestStore.CreateAsync(StoreKind.PostgreSql);
})
{
    private const string CutConnections =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";

    [Fact]
    public async Task A_chunk_is_on_all_servers_or_on_none()
    {
        string database = new NpgsqlConnectionStringBuilder(Test.ConnectionString).Database!;
        var random = new Random(20260101);
        var hosts = new List<CrashHost>();
        try
        {
            for (int round = 0; round < Long.Or(30, 6); round++)
            {
                CrashHost[] now = [.. Enumerable.Range(0, 2).Select(i => CrashHost.Start(Test, $"{round}.{i}", $"seed={random.Next()}"))];
                hosts.AddRange(now);
                Assert.All(now, h => Assert.True(h.Hears(l => l == "s rows", 1 + random.Next(3))));
                for (int cut = 0; cut < 3; cut++)
                {
                    await Task.Delay(random.Next(100), Cancel);
                    await CitusServer.OnEveryNodeAsync(database, CutConnections);
                }

                Array.ForEach(now, h => h.Kill());
            }
        }
        finally
        {
            hosts.ForEach(h => h.Dispose());
        }

        await Test.AdoptAllAsync();
        QueueBalance balance = await Store.CompareQueuesAsync(Cancel);
        Assert.Equal(balance.Expected, balance.Records);
        Assert.Empty(await Store.CompareBucketsAsync(UsageFilter.All, TimeRange.Everything, Cancel));
        int stored = await Test.AssertStoredOnceAsync(hosts.Select(h => (h.Run, h.Acknowledged)));
        TestContext.Current.TestOutputHelper!.WriteLine($"{hosts.Count} sessions killed, {stored} records stored, none twice.");
    }
}
