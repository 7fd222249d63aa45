using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace UsageTracking.Jobs;

/// <summary>A program of the system that PATH leads to.</summary>
internal sealed class SchedulerProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly string _name;
    private readonly string _path;

    private SchedulerProgram(string name, string path) => (_name, _path) = (name, path);

    /// <summary>Finds the program; null where PATH has none. .NET itself would look into the current folder first.</summary>
    public static SchedulerProgram? Find(string name)
    {
        string file = OperatingSystem.IsWindows() ? name + ".exe" : name;
        string? path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathFullyQualified).Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
        return path is null ? null : new SchedulerProgram(name, path);
    }

    /// <summary>Runs it, and returns what it wrote.</summary>
    /// <exception cref="UsageException"><c>SchedulerFailed</c>: it could not be run, or said no.</exception>
    public async Task<string> RunAsync(string? input, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        (int exitCode, string output, string error) = await TryRunAsync(input, arguments, cancel);
        return exitCode == 0 ? output : throw Failed($"exit code {exitCode}. {(error.Length > 0 ? error : output).Trim()}");
    }

    /// <summary>Runs it, and returns its exit code and what it wrote.</summary>
    /// <exception cref="UsageException"><c>SchedulerFailed</c>: it could not be run.</exception>
    public async Task<(int ExitCode, string Output, string Error)> TryRunAsync(string? input, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(_path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
        };
        if (!OperatingSystem.IsWindows())
            (start.StandardInputEncoding, start.StandardOutputEncoding, start.StandardErrorEncoding) = (Utf8, Utf8, Utf8);

        // What it says is read, not only shown.
        start.Environment["LC_ALL"] = "C";
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        Process? process = null;
        try
        {
            process = Process.Start(start)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(patience.Token);
            await process.StandardInput.WriteAsync((input ?? "").AsMemory(), patience.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output, await error);
        }
        catch (Exception cause) when (cause is Win32Exception or IOException)
        {
            throw Failed(cause.Message, cause);
        }
        catch (OperationCanceledException cause)
        {
            process?.Kill(entireProcessTree: true);
            throw cancel.IsCancellationRequested ? cause : Failed(FormattableString.Invariant($"no answer within {Patience.TotalSeconds} s."), cause);
        }
        finally
        {
            process?.Dispose();
        }
    }

    private UsageException Failed(string reason, Exception? cause = null) =>
        new(UsageErrorKind.StoreNotReady, "SchedulerFailed", $"{_name} failed: {reason}", _path, cause);
}
