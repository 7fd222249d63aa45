using UsageTracking.Session;
using UsageTracking.Stores;
using UsageTracking.Tests.Quotas;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Session;

public sealed class SqliteQuotaGateTests() : QuotaGateTests(StoreKind.Sqlite, withSpool: true);

public sealed class PostgresQuotaGateTests() : QuotaGateTests(StoreKind.PostgreSql, withSpool: true);

public sealed class MemoryQuotaGateTests() : QuotaGateTests(StoreKind.Sqlite, withSpool: false);

public abstract class QuotaGateTests(StoreKind kind, bool withSpool) : OnQuotas(kind)
{
    [Fact]
    public async Task Whatever_the_queue_is_doing_each_record_counts_once()
    {
        await using UsageSession session = Open(("BatchSize", "7"));
        StoreConnection connection = await ConnectAsync(session);
        await SetAsync("api", 300, DateTimeOffset.UtcNow, c => c with { Enforcement = QuotaEnforcement.Hard });
        await SetAsync("bandwidth", 1, DateTimeOffset.UtcNow, c => c with { Enforcement = QuotaEnforcement.Hard });

        for (int i = 1; i <= 300; i++)
        {
            connection.Queue.Add(Record("api", 1, DateTimeOffset.UtcNow, "acme"), Cancel);
            connection.Queue.Add(Record("compute", 1000, DateTimeOffset.UtcNow, "acme"), Cancel);
            connection.Queue.Add(Record("api", 1000, DateTimeOffset.UtcNow, "beta"), Cancel);
            if (i % 4 == 0)
                Assert.Equal(i, (await AskAsync(connection, "api", 0)).Standing!.Used.ToReported());
        }

        Assert.True((await AskAsync(connection, "api", 0)).IsAllowed);
        Assert.False((await AskAsync(connection, "api", 0.000001m)).IsAllowed);
        // Of last month nothing counts, and bytes count as gigabytes.
        connection.Queue.Add(Record("api", 1, DateTimeOffset.UtcNow.AddDays(-40), "acme"), Cancel);
        connection.Queue.Add(Record("bandwidth", 512L << 20, DateTimeOffset.UtcNow, "acme") with { InBytes = true }, Cancel);
        Assert.True((await AskAsync(connection, "api", 0)).IsAllowed);
        Assert.Equal(0.5m, (await AskAsync(connection, "bandwidth", 0)).Standing!.Used.ToReported());
    }

    [Fact]
    public async Task What_another_session_left_behind_counts()
    {
        // Without a spool nothing is left.
        if (!withSpool)
            return;

        await using (UsageSession first = Open(("BatchTimeout", "1000")))
        {
            StoreConnection connection = await ConnectAsync(first);
            connection.Queue.Add(Record("api", 5, DateTimeOffset.UtcNow, "acme"), Cancel);
            connection.Queue.Leave(TimeSpan.Zero);
        }

        await SetAsync("api", 5, DateTimeOffset.UtcNow, c => c with { Enforcement = QuotaEnforcement.Hard });
        await using UsageSession second = Open(("BatchTimeout", "1000"));

        Assert.False((await AskAsync(await ConnectAsync(second), "api", 1)).IsAllowed);
    }

    private UsageSession Open(params (string Name, string Value)[] options)
    {
        var session = new UsageSession(name => name == "USAGE_SPOOL" ? withSpool ? Test.SpoolRoot : "none" : null);
        foreach ((string name, string value) in options)
            session.SetOption(name, value);

        return session;
    }

    private async Task<StoreConnection> ConnectAsync(UsageSession session)
    {
        StoreConnection connection = session.Connect(Test.OpenAgain(), "test", null, null);
        await connection.PrepareAsync(Cancel);
        return connection;
    }

    private static Task<QuotaAnswer> AskAsync(StoreConnection connection, string service, decimal quantity) =>
        QuotaGate.AskAsync(connection, "acme", ServiceOf(service), quantity, new Widening(), Cancel);
}
