using UsageTracking.Queue;
using UsageTracking.Queue.Spools;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Queue;

public sealed class SqliteWritersTests() : WritersTests(StoreKind.Sqlite);

public sealed class PostgresWritersTests() : WritersTests(StoreKind.PostgreSql);

/// <summary>Several sessions, each a process, at work on one store at once.</summary>
public abstract class WritersTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    // Nothing is stored before a flush.
    private const string NoBatch = "batch=2147483647";
    private const string NoTimeout = "timeout=3600000";

    [Fact]
    public async Task Four_sessions_that_write_at_once_each_store_their_own()
    {
        using var sessions = new Sessions(Enumerable.Range(1, 4).Select(i => CrashHost.Start(Test, $"{i}", "records=2000", $"seed={i}", "wait=1")));
        sessions.Go();

        // Nobody takes over what belongs to the living.
        Assert.Equal([2_000, 2_000, 2_000, 2_000], sessions.Hosts.Select(h => h.WaitForFlush()));
        Assert.Equal(8_000, await Test.AssertStoredOnceAsync(sessions.Added));
    }

    [Fact]
    public async Task What_four_sessions_leave_that_are_killed_at_once_is_stored_by_the_next()
    {
        using var sessions = new Sessions(Enumerable.Range(1, 4).Select(i => CrashHost.Start(Test, $"{i}", $"seed={i}", "wait=1")));
        sessions.Go();
        sessions.Hosts.ForEach(h => Assert.True(h.Hears(_ => h.Acknowledged > 300)));
        sessions.Hosts.ForEach(h => h.Kill());
        int before = int.Parse(await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"), System.Globalization.CultureInfo.InvariantCulture);
        using CrashHost next = CrashHost.Start(Test, "next", "do=drain");
        int stored = next.WaitForFlush();

        Assert.Equal(before + stored, await Test.AssertStoredOnceAsync(sessions.Added));
    }

    [Fact]
    public async Task Two_sessions_that_find_the_same_orphans_store_each_record_once()
    {
        // While their owners live nobody takes them over, and then all are orphans at once.
        int count = Long.Or(400, 40);
        UsageQueue[] owners = [.. Enumerable.Range(0, count).Select(i => Fill($"left{i}", 25))];
        using CrashHost dead = CrashHost.Start(Test, "dead", NoBatch, NoTimeout);
        Assert.True(dead.Hears(_ => dead.Acknowledged > 2_000));
        dead.Kill();
        Assert.Equal("0", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
        using var sessions = new Sessions(Enumerable.Range(1, 2).Select(i => CrashHost.Start(Test, $"{i}", "do=drain", "wait=1")));
        foreach (UsageQueue owner in owners)
            await owner.DisposeAsync();

        sessions.Go();
        int stored = sessions.Hosts.Sum(h => h.WaitForFlush());

        Assert.Equal(stored, await Test.AssertStoredOnceAsync([(dead.Run, dead.Acknowledged), .. Enumerable.Range(0, count).Select(i => ($"left{i}", 25))]));
    }

    [Fact]
    public async Task Two_sessions_that_store_copies_of_one_spool_store_each_record_once()
    {
        // As on a file system that does not keep locks, or from a machine that was cloned. More than one chunk.
        await Fill("left", 30_000).DisposeAsync();
        string copy = Path.Combine(Test.SpoolRoot, "copy");
        CopyFolder(Directory.EnumerateDirectories(Test.SpoolRoot).Single(), copy);
        string store = Test.IsPostgres ? Test.ConnectionString : Test.Store.Address.Path!;

        using var sessions = new Sessions([CrashHost.Start(Test, "1", "do=drain", "wait=1"), CrashHost.Start(store, copy, "2", "do=drain", "wait=1")]);
        sessions.Go();
        sessions.Hosts.ForEach(h => h.WaitForFlush());

        Assert.Empty(Directory.EnumerateDirectories(Directory.EnumerateDirectories(copy).Single()));
        Directory.Delete(copy, recursive: true);
        Assert.Equal(30_000, await Test.AssertStoredOnceAsync([("left", 30_000)]));
    }

    [Fact]
    public async Task A_flush_counts_what_the_background_has_only_just_stored()
    {
        await using var queue = new UsageQueue(Test.Store, new QueueSettings(10, TimeSpan.FromHours(1), true), new SpoolFolder(Test.SpoolRoot, Test.Store.Address));
        for (int round = 0; round < 20; round++)
        {
            for (int i = 0; i < 10; i++)
                queue.Add(Record("api", 1, Utc(2026, 1, 1)), Cancel);

            Assert.True(SpinWait.SpinUntil(() => queue.Pending == 0, TimeSpan.FromSeconds(20)));
            Assert.Equal((round, 10), (round, (await queue.FlushAsync(TimeSpan.FromSeconds(20), Cancel)).Committed));
        }
    }

    private static void CopyFolder(string folder, string into)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(into, Path.GetRelativePath(Path.GetDirectoryName(folder)!, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    /// <summary>A queue in which records wait.</summary>
    private UsageQueue Fill(string run, int records)
    {
        var queue = new UsageQueue(Test.Store, new QueueSettings(int.MaxValue, TimeSpan.FromHours(1), true), new SpoolFolder(Test.SpoolRoot, Test.Store.Address));
        using QueueWriter writer = queue.OpenWriter();
        for (int i = 1; i <= records; i++)
            writer.Add(Record("api", 1, Utc(2026, 1, 1), metadata: $$"""{"n":"{{run}}-{{i}}"}"""), Cancel);
        writer.Write(Cancel);
        return queue;
    }

    /// <summary>Processes that begin together.</summary>
    private sealed class Sessions(IEnumerable<CrashHost> hosts) : IDisposable
    {
        public List<CrashHost> Hosts { get; } = [.. hosts];

        public IEnumerable<(string Run, int Acknowledged)> Added => Hosts.Select(h => (h.Run, h.Acknowledged));

        public void Go()
        {
            Hosts.ForEach(h => Assert.True(h.Hears(l => l == "ready")));
            Hosts.ForEach(h => h.Say("go"));
        }

        public void Dispose() => Hosts.ForEach(h => h.Dispose());
    }
}
