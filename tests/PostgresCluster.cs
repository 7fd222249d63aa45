// Part of the test project and, through Add-Type, of the Pester suite: so the BCL only, and every using spelled out.
#nullable enable
#pragma warning disable IDE0005 // Add-Type has no implicit usings.
using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
#pragma warning restore IDE0005

namespace UsageTracking.Testing;

/// <summary>
/// A PostgreSQL server of the tests' own: a fresh data folder, a free port on the loopback address, gone afterwards.
/// </summary>
public sealed class PostgresCluster : IDisposable
{
    private const string Executable = "initdb";

    private static readonly Lazy<(PostgresCluster? Cluster, string Reason)> Own = new(() => (TryStart(out string reason), reason));

    private readonly string _folder = Directory.CreateTempSubdirectory("usage-pg-").FullName;

    // The command that drops root's rights, which PostgreSQL refuses to run with; empty for anybody else.
    private string[] _unprivileged = [];
    private Process? _watchdog;

    private PostgresCluster(string binDirectory)
    {
        BinDirectory = binDirectory;
        Port = FreePort();
    }

    /// <summary>The loopback address.</summary>
    public string Host { get; } = "127.0.0.1";

    /// <summary>The port, the same after <see cref="StartAgain"/>.</summary>
    public int Port { get; }

    /// <summary>The superuser. Anybody on this machine may connect as it while the server runs.</summary>
    public string UserName { get; } = "usage_test";

    /// <summary>Where psql, createdb and the others are.</summary>
    public string BinDirectory { get; }

    /// <summary>For Npgsql, to the database postgres.</summary>
    public string ConnectionString => ConnectionStringTo("postgres");

    private string Data => Path.Combine(_folder, "data");

    private string Log => Path.Combine(_folder, "server.log");

    /// <summary>
    /// The server the tests use: the one $USAGE_TEST_POSTGRES names, else one started for this process.
    /// Null where there is neither, with the reason.
    /// </summary>
    public static string? FindConnectionString(out string reason)
    {
        reason = "";
        if (Environment.GetEnvironmentVariable("USAGE_TEST_POSTGRES") is { Length: > 0 } given)
            return given;
        reason = Own.Value.Reason;
        return Own.Value.Cluster?.ConnectionString;
    }

    /// <summary>Starts a server; null where none can be started, with the reason.</summary>
    public static PostgresCluster? TryStart(out string reason)
    {
        reason = "";
        if (FindBinDirectory() is not { } binDirectory)
        {
            reason = "PostgreSQL's initdb is neither on PATH nor in a usual place.";
            return null;
        }

        PostgresCluster? cluster = null;
        try
        {
            cluster = new PostgresCluster(binDirectory);
            cluster.Create();
            cluster.StartAgain();
            return cluster;
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or Win32Exception or UnauthorizedAccessException)
        {
            cluster?.Dispose();
            reason = "PostgreSQL did not start: " + e.Message;
            return null;
        }
    }

    /// <summary>The newest installed server's programs, or null.</summary>
    public static string? FindBinDirectory()
    {
        string file = Executable + (OperatingSystem.IsWindows() ? ".exe" : "");
        IEnumerable<string> onPath = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, file));

        // A link's neighbours may be other programs: what counts is where it leads.
        return onPath.Concat(UsualPlaces().Select(folder => Path.Combine(folder, file)))
            .Where(File.Exists)
            .Select(path => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path)
            .Where(File.Exists)
            .Select(Path.GetDirectoryName)
            .FirstOrDefault();
    }

    /// <summary>For Npgsql, to the database named.</summary>
    public string ConnectionStringTo(string database) =>
        $"Host={Host};Port={Port};Username={UserName};Database={database}";

    /// <summary>Creates an empty database.</summary>
    public void CreateDatabase(string name) =>
        Run(Tool("createdb"), "-h", Host, "-p", $"{Port}", "-U", UserName, name);

    /// <summary>Ends the server as a crash would: sessions are cut, nothing is written out.</summary>
    public void StopImmediately() => Run(Tool("pg_ctl"), "stop", "-D", Data, "-m", "immediate", "-w");

    /// <summary>Ends the server as an administrator does: transactions are rolled back, then sessions are cut.</summary>
    public void StopFast() => Run(Tool("pg_ctl"), "stop", "-D", Data, "-m", "fast", "-w");

    /// <summary>Starts the server after it was stopped, and returns when it takes connections.</summary>
    public void StartAgain() => Run(Tool("pg_ctl"), "start", "-D", Data, "-l", Log, "-w", "-t", "60");

    /// <inheritdoc/>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        try
        {
            if (File.Exists(Path.Combine(Data, "postmaster.pid")))
                StopImmediately();
            Directory.Delete(_folder, recursive: true);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            // It is a temporary folder, and the watchdog tries again.
        }
        _watchdog?.Dispose();
        _watchdog = null;
    }

    private static IEnumerable<string> UsualPlaces()
    {
        (string Parent, string Pattern)[] places =
        [
            ("/usr/lib/postgresql", "*"), // Debian
            ("/usr", "pgsql-*"), // Red Hat
            ("/opt/homebrew/opt", "postgresql@*"),
            ("/usr/local/opt", "postgresql@*"),
            ("/Applications/Postgres.app/Contents/Versions", "*"),
            (Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"), "*"),
        ];
        return places
            .Where(place => Directory.Exists(place.Parent))
            .SelectMany(place => Directory.GetDirectories(place.Parent, place.Pattern))
            .OrderByDescending(VersionOf)
            .Select(folder => Path.Combine(folder, "bin"));

        static double VersionOf(string folder) =>
            double.TryParse(Path.GetFileName(folder).Split('-', '@')[^1], out double version) ? version : 0;
    }

    private static string[] DropRoot(string folder)
    {
        string[][] accounts = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).ToArray();
        string[] account = accounts.FirstOrDefault(a => a[0] == "postgres") ?? accounts.First(a => a[0] == "nobody");
        (string name, string user, string group) = (account[0], account[2], account[3]);
        Execute(folder, "chown", $"{user}:{group}", folder);

        string[][] ways =
        [
            ["setpriv", $"--reuid={user}", $"--regid={group}", "--clear-groups", "--"],
            ["runuser", "-u", name, "--"],
            ["su", "-s", "/bin/sh", name, "-c", "exec \"$0\" \"$@\"", "--"],
        ];
        return Array.Find(ways, way => CanRun(folder, way))
            ?? throw new InvalidOperationException($"root can become '{name}' by none of setpriv, runuser and su.");
    }

    private static bool CanRun(string folder, string[] way)
    {
        try
        {
            Execute(folder, way[0], [.. way[1..], "true"]);
            return true;
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void Execute(string folder, string file, params string[] arguments)
    {
        ProcessStartInfo start = new(file, arguments)
        {
            // The unprivileged user may not enter the current folder.
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The user's own settings (PGHOST, PGOPTIONS, PGDATA and so on) are for other servers.
        foreach (string name in start.Environment.Keys.Where(k => k.StartsWith("PG", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);

        using Process process = Process.Start(start)!;
        List<string> output = [];
        void Collect(object sender, DataReceivedEventArgs e)
        {
            lock (output)
                output.Add(e.Data ?? "");
        }
        process.OutputDataReceived += Collect;
        process.ErrorDataReceived += Collect;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        // With a limit, since without one it also waits for whoever holds the pipes, which may be the server.
        bool ended = process.WaitForExit(TimeSpan.FromSeconds(90));
        if (!ended)
            process.Kill(entireProcessTree: true);
        if (!ended || process.ExitCode != 0)
        {
            lock (output)
                throw new InvalidOperationException($"{file} {string.Join(' ', arguments)}: {string.Join(' ', output)}".Trim());
        }
    }

    private void Run(params string[] command)
    {
        string[] all = [.. _unprivileged, .. command];
        Execute(_folder, all[0], all[1..]);
    }

    private string Tool(string name) => Path.Combine(BinDirectory, name);

    private void Create()
    {
        if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess)
            _unprivileged = DropRoot(_folder);
        Run(Tool(Executable), "-D", Data, "-U", UserName, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync");
        // fsync stays on: what the tests say about durability must be true.
        File.AppendAllLines(Path.Combine(Data, "postgresql.conf"),
        [
            $"listen_addresses = '{Host}'",
            $"port = {Port}",
            "unix_socket_directories = ''",
            "shared_buffers = 16MB",
        ]);

        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
        if (!OperatingSystem.IsWindows())
            _watchdog = StartWatchdog();
    }

    // A killed test process runs no handler, but its end of the pipe closes: then the watchdog cleans up.
    private Process StartWatchdog()
    {
        const string script =
            """
            exec >/dev/null 2>&1
            trap '' INT TERM HUP
            cat
            kill -QUIT "$(head -n 1 "$1/data/postmaster.pid")" && sleep 1
            rm -rf "$1"
            """;
        return Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script, "sh", _folder]) { RedirectStandardInput = true })!;
    }

    private void OnProcessExit(object? sender, EventArgs e) => Dispose();
}
