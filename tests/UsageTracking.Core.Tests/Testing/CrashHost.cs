using System.Diagnostics;
using System.Globalization;

namespace UsageTracking.Tests.Testing;

/// <summary>A process of its own that adds records and stores them, or exports them, and can be killed; it says on its output how far it is.</summary>
public sealed class CrashHost : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Thread _listener;
    private readonly object _gate = new();
    private readonly List<string> _heard = [];
    private bool _isSilent;

    private CrashHost(string run, Process process)
    {
        Run = run;
        _process = process;
        _listener = new Thread(Listen) { IsBackground = true };
        _listener.Start();
    }

    /// <summary>What its records are called.</summary>
    public string Run { get; }

    /// <summary>What it said so far.</summary>
    public IReadOnlyList<string> Heard
    {
        get
        {
            lock (_gate)
                return [.. _heard];
        }
    }

    /// <summary>How many of its records are safe, as far as it said.</summary>
    public int Acknowledged => Heard.LastOrDefault(l => l.StartsWith("a ", StringComparison.Ordinal)) is { } line ? Number(line) : 0;

    /// <summary>Whether a chunk was on its way when it said its last word.</summary>
    public bool IsDraining => Heard.LastOrDefault(l => l.StartsWith("s ", StringComparison.Ordinal)) is not null and not "s commit done";

    /// <summary>Whether it was killed, or killed itself.</summary>
    public bool WasKilled => _process.ExitCode == (OperatingSystem.IsWindows() ? -1 : 128 + 9);

    /// <summary>Starts one on a store of the tests.</summary>
    public static CrashHost Start(TestStore test, string run, params string[] more) =>
        Start(test.IsPostgres ? test.ConnectionString : test.Store.Address.Path!, test.SpoolRoot, run, more);

    /// <summary>Starts one.</summary>
    /// <param name="store">The store, as a connection string or a path.</param>
    /// <param name="spools">Where records wait.</param>
    /// <param name="run">What its records are called.</param>
    /// <param name="more">What else it is told, as name=value.</param>
    public static CrashHost Start(string store, string spools, string run, params string[] more)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "UsageTracking.CrashHost.dll");
        return new CrashHost(run, Process.Start(new ProcessStartInfo("dotnet", [program, $"store={store}", $"spools={spools}", $"run={run}", .. more])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);
    }

    /// <summary>Tells it something.</summary>
    public void Say(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>Waits until it has said as many such lines; false where it ended before.</summary>
    /// <param name="line">Which lines.</param>
    /// <param name="times">How many of them.</param>
    /// <param name="from">How many lines of all to leave out.</param>
    public bool Hears(Func<string, bool> line, int times = 1, int from = 0)
    {
        long started = Stopwatch.GetTimestamp();
        int heard = 0;
        lock (_gate)
        {
            for (int i = from; ; i++)
            {
                while (i >= _heard.Count)
                {
                    if (_isSilent)
                        return false;

                    Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"{Run} hangs after '{_heard.LastOrDefault()}'.");
                    Monitor.Wait(_gate, Patience);
                }

                if (line(_heard[i]) && ++heard == times)
                    return true;
            }
        }
    }

    /// <summary>As kill -9.</summary>
    public void Kill()
    {
        _process.Kill();
        WaitForEnd();
    }

    /// <summary>Waits until it ended by itself, and everything it said was heard.</summary>
    public void WaitForEnd()
    {
        Assert.True(_process.WaitForExit(Patience), $"{Run} does not end.");
        _listener.Join();
    }

    /// <summary>Waits until it has stored everything and ended.</summary>
    /// <returns>How many records it stored.</returns>
    public int WaitForFlush()
    {
        WaitForEnd();
        Assert.Equal(0, _process.ExitCode);
        return Number(Heard.Single(l => l.StartsWith("flushed ", StringComparison.Ordinal)));
    }

    /// <summary>How many bursts it added, and how many records per second that was while it added, in what it said from one line to another.</summary>
    public (int Bursts, double Speed) Speed(Range lines)
    {
        int[] times = [.. Heard.Take(lines).Where(l => l[0] == 'b').Select(l => int.Parse(l.Split(' ')[2], CultureInfo.InvariantCulture))];
        return (times.Length, times.Length * 200 * 1e6 / times.Sum());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();

        // It still reads what was said last; without this a test that fails would take all others with it.
        _listener.Join();
        _process.Dispose();
    }

    private static int Number(string line) => int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);

    private void Listen()
    {
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            lock (_gate)
            {
                _heard.Add(line);
                Monitor.PulseAll(_gate);
            }
        }

        lock (_gate)
        {
            _isSilent = true;
            Monitor.PulseAll(_gate);
        }
    }
}
