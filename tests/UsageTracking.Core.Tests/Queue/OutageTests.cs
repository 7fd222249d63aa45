using System.Diagnostics;
using UsageTracking.Queue;
using UsageTracking.Stores.Postgres;
using UsageTracking.Testing;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Queue;

/// <summary>A server that goes away and comes back, with a cluster of its own.</summary>
public sealed class OutageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_wait_out_a_server_that_is_away()
    {
        using PostgresCluster? cluster = PostgresCluster.TryStart(out string reason);
        Assert.SkipWhen(cluster is null, reason);
        await using var store = new PostgresStore(cluster!.ConnectionString);
        await store.InitializeAsync(Cancel);
        await using var queue = new UsageQueue(store, new QueueSettings(1, TimeSpan.FromSeconds(1), true));
        queue.Add(Record("api", 1, Utc(2026, 1, 1)), Cancel);
        Assert.Equal(1, (await queue.FlushAsync(TimeSpan.FromSeconds(20), Cancel)).Committed);

        cluster.StopImmediately();
        for (int i = 0; i < 500; i++)
            queue.Add(Record("api", 1, Utc(2026, 1, 1)), Cancel);
        long started = Stopwatch.GetTimestamp();
        FlushResult during = await queue.FlushAsync(TimeSpan.FromSeconds(1), Cancel);

        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0.9, 5);
        Assert.Equal((0, 500), (during.Committed, during.Remaining));
        Assert.Equal("StoreUnavailable", during.Error?.ErrorId);
        Assert.Equal("StoreUnavailable", queue.Status.LastError?.ErrorId);

        cluster.StartAgain();
        FlushResult after = await queue.FlushAsync(TimeSpan.FromSeconds(30), Cancel);

        Assert.Equal((500, 0), (after.Committed, after.Remaining));
        Assert.Null(queue.Status.LastError);
        Assert.Equal(501, await store.CountRecordsAsync("default", Cancel));
    }

    [Fact]
    public async Task A_question_after_a_restart_does_not_stumble_over_connections_from_before()
    {
        using PostgresCluster? cluster = PostgresCluster.TryStart(out string reason);
        Assert.SkipWhen(cluster is null, reason);
        await using var store = new PostgresStore(cluster!.ConnectionString);
        await store.InitializeAsync(Cancel);
        Assert.Equal(0, await store.CountRecordsAsync("default", Cancel));

        cluster.StopImmediately();
        cluster.StartAgain();

        Assert.Equal(0, await store.CountRecordsAsync("default", Cancel));
    }
}
