using System.Diagnostics;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;

namespace UsageTracking.Tests.Queue;

public sealed class SqliteKillTests() : KillTests(StoreKind.Sqlite, Long.Or(50, 10));

public sealed class PostgresKillTests() : KillTests(StoreKind.PostgreSql, Long.Or(200, 20));

/// <summary>A session that is killed while it adds and stores, and the one after it, which goes on with what is left, and so on.</summary>
public abstract class KillTests(StoreKind kind, int kills) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    // Segments of some hundred records, so that they are deleted all the time; adding waits where storing does not keep up.
    private const string SmallSegments = "limit=65536";

    // So few records make a chunk that several are on their way at once.
    private const string SmallChunks = "chunk=5";

    private readonly List<CrashHost> _hosts = [];

    private IEnumerable<(string Run, int Acknowledged)> Added => _hosts.Select(h => (h.Run, h.Acknowledged));

    [Fact]
    public async Task A_session_killed_at_any_moment_loses_nothing_and_doubles_nothing()
    {
        // Three of four are killed in the middle of things, the others at whatever moment comes, at the very start too.
        var random = new Random(20260101);
        int midway = 0;
        for (int i = 0; i < kills || (midway < kills / 2 && i < 2 * kills); i++)
        {
            using CrashHost host = Start($"{i}", i % 2 == 0 ? SmallSegments : "", i % 3 == 0 ? SmallChunks : "", $"seed={i}");
            if (i % 4 != 3)
                Assert.True(WaitsForDrain(host, 1 + random.Next(12)), string.Join('\n', host.Heard.TakeLast(5)));

            Wait(TimeSpan.FromMilliseconds(random.NextDouble() * (i % 4 != 3 ? 2 : 600)));
            host.Kill();
            Assert.True(host.WasKilled);
            midway += host.Acknowledged > 0 && host.IsDraining ? 1 : 0;
        }

        await Test.AdoptAllAsync();
        int stored = await Test.AssertStoredOnceAsync(Added);
        int acknowledged = _hosts.Sum(h => h.Acknowledged);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{_hosts.Count} kills, {_hosts.Count(h => h.Acknowledged > 0)} after the first acknowledgement, {midway} of them while a chunk was on its way; {acknowledged} records acknowledged, {stored} stored, none twice.");
        Assert.InRange(midway, kills / 2, 2 * kills);
        Assert.DoesNotContain(_hosts, h => h.Heard.Any(l => l.StartsWith("lost", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_session_killed_at_a_point_of_the_protocol_loses_nothing_and_doubles_nothing()
    {
        string[] steps = ["frame", "frame done", "position", "position done", "rows", "rows done", "commit", "commit done", "unlink", "unlink done"];
        foreach (string step in steps)
        {
            // What comes first is a chunk or a file of the session before, or the first of the own; later both have come.
            foreach (int nth in Long.Or<int[]>([1, 2, 5], [2]))
            {
                foreach (string chunks in (string[])["", SmallChunks])
                {
                    using CrashHost host = Start($"{step} {nth} {chunks}", SmallSegments, chunks, $"step={step}", $"nth={nth}");
                    host.WaitForEnd();
                    Assert.Equal((true, $"k {step}"), (host.WasKilled, host.Heard.LastOrDefault(l => l[0] == 'k')));
                }
            }
        }

        await Test.AdoptAllAsync();
        await Test.AssertStoredOnceAsync(Added);
    }

    private CrashHost Start(string run, params string[] more)
    {
        CrashHost host = CrashHost.Start(Test, run, [.. more.Where(m => m.Length > 0)]);
        _hosts.Add(host);
        return host;
    }

    /// <summary>Waits for a chunk to set off after the first acknowledgement.</summary>
    private static bool WaitsForDrain(CrashHost host, int nth)
    {
        bool acknowledged = false;
        return host.Hears(line => (acknowledged |= line[0] == 'a') && line == "s position", nth);
    }

    // A timer is not as exact.
    private static void Wait(TimeSpan time)
    {
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < time)
            Thread.Sleep(time - Stopwatch.GetElapsedTime(started) > TimeSpan.FromMilliseconds(20) ? 10 : 0);
    }
}
