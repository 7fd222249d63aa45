using System.Diagnostics;
using Npgsql;
using UsageTracking.Queue;
using UsageTracking.Stores;
using UsageTracking.Stores.Postgres;
using UsageTracking.Testing;
using UsageTracking.Tests.Testing;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Queue;

/// <summary>Stores that go away and come back; servers of these tests' own.</summary>
public sealed class OutageTests
{
    // Beyond half a minute a store gives up waiting for a file, and a drain that fails rests for that long.
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(Long.Or(60, 3));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_wait_out_a_server_that_is_away()
    {
        using PostgresCluster? cluster = PostgresCluster.TryStart(out string reason);
        Assert.SkipWhen(cluster is null, reason);
        await using IUsageStore store = new PostgresStore(cluster!.ConnectionString);
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
        Assert.Equal("StoreUnavailable", queue.LastError?.ErrorId);

        cluster.StartAgain();
        FlushResult after = await queue.FlushAsync(TimeSpan.FromSeconds(30), Cancel);

        Assert.Equal((500, 0), (after.Committed, after.Remaining));
        Assert.Null(queue.LastError);
        Assert.Equal(501, await store.CountRecordsAsync("default", Cancel));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Adding_goes_on_at_full_speed_while_a_server_is_away_that_was_stopped_in_the_middle_of_a_chunk(bool immediately)
    {
        using PostgresCluster? cluster = PostgresCluster.TryStart(out string reason);
        Assert.SkipWhen(cluster is null, reason);
        await using (IUsageStore store = new PostgresStore(cluster!.ConnectionString))
            await store.InitializeAsync(Cancel);
        // Each COPY takes long enough to be hit.
        await QueryAsync("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END'");
        await QueryAsync("CREATE TRIGGER slow BEFORE INSERT ON billing_usage_records FOR EACH STATEMENT EXECUTE FUNCTION slow()");
        using var spools = new TemporaryFolder();
        using CrashHost host = CrashHost.Start(cluster.ConnectionString, spools.Path, "r", "do=pace", "batch=100");
        double before = SpeedBefore(host);

        Assert.True(host.Hears(l => l == "s rows", from: host.Heard.Count));
        if (immediately)
            cluster.StopImmediately();
        else
            cluster.StopFast();
        int stopped = host.Heard.Count;
        Assert.True(host.IsDraining);
        await Task.Delay(Outage, Cancel);
        (int bursts, double during) = host.Speed(stopped..);
        int waiting = host.Acknowledged;
        cluster.StartAgain();
        host.Say("stop");
        host.WaitForFlush();

        TestContext.Current.TestOutputHelper!.WriteLine($"{before:0} records a second before, {during:0} during {Outage.TotalSeconds} seconds, {waiting} acknowledged by then.");
        Assert.True(bursts > 20 * Outage.TotalSeconds, $"Only {bursts} bursts.");
        Assert.True(during > before / 2, $"{during:0} records a second, {before:0} before.");
        Assert.Equal(host.Acknowledged, await StoredOnce.AssertStoredOnceAsync(QueryAsync, true, [(host.Run, host.Acknowledged)]));
        Assert.Empty(Directory.EnumerateDirectories(Directory.EnumerateDirectories(spools.Path).Single()));

        async Task<IReadOnlyList<string[]>> QueryAsync(string sql)
        {
            await using var connection = new NpgsqlConnection(cluster.ConnectionString + ";Pooling=false");
            return await SqlRows.ReadAsync(connection, sql);
        }
    }

    [Fact]
    public async Task Adding_goes_on_at_full_speed_while_another_process_holds_the_file()
    {
        await using TestStore test = await TestStore.CreateAsync(StoreKind.Sqlite);
        using CrashHost host = CrashHost.Start(test, "r", "do=pace");
        double before = SpeedBefore(host);

        using CrashHost holder = CrashHost.Start(test, "holder", "do=hold");
        Assert.True(holder.Hears(l => l == "ready"));
        int held = host.Heard.Count;
        string stored = await test.ScalarAsync("SELECT count(*) FROM billing_usage_records");
        await Task.Delay(Outage, Cancel);
        Assert.Equal(stored, await test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
        (int bursts, double during) = host.Speed(held..);
        holder.Say("let go");
        holder.WaitForEnd();
        host.Say("stop");
        host.WaitForFlush();

        TestContext.Current.TestOutputHelper!.WriteLine($"{before:0} records a second before, {during:0} during {Outage.TotalSeconds} seconds.");
        Assert.NotEqual("0", stored);
        Assert.True(bursts > 20 * Outage.TotalSeconds, $"Only {bursts} bursts.");
        Assert.True(during > before / 2, $"{during:0} records a second, {before:0} before.");
        Assert.Equal(host.Acknowledged, await test.AssertStoredOnceAsync([(host.Run, host.Acknowledged)]));
    }

    [Fact]
    public async Task A_question_after_a_restart_does_not_stumble_over_connections_from_before()
    {
        using PostgresCluster? cluster = PostgresCluster.TryStart(out string reason);
        Assert.SkipWhen(cluster is null, reason);
        await using IUsageStore store = new PostgresStore(cluster!.ConnectionString);
        await store.InitializeAsync(Cancel);
        Assert.Equal(0, await store.CountRecordsAsync("default", Cancel));

        cluster.StopImmediately();
        cluster.StartAgain();

        Assert.Equal(0, await store.CountRecordsAsync("default", Cancel));
    }

    private static double SpeedBefore(CrashHost host)
    {
        // The first bursts are slow: their code is being compiled.
        Assert.True(host.Hears(IsBurst, 100));
        int warm = host.Heard.Count;
        Assert.True(host.Hears(IsBurst, 100, warm));
        return host.Speed(warm..).Speed;
    }

    private static bool IsBurst(string line) => line[0] == 'b';

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("usage-spool-").FullName;

        public void Dispose()
        {
            if (Directory.Exists(Path))
                Directory.Delete(Path, recursive: true);
        }
    }
}
