using UsageTracking.Files.Export;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;

namespace UsageTracking.Tests.Files.Export;

public sealed class SqliteInterruptedExportTests() : InterruptedExportTests(StoreKind.Sqlite);

public sealed class PostgresInterruptedExportTests() : InterruptedExportTests(StoreKind.PostgreSql);

/// <summary>Exports that do not get to their end: there is the whole file or none, and the store is as it was.</summary>
public abstract class InterruptedExportTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    // Of these no format needs a mebibyte, which is what the small disk has.
    private const int Records = 3_000;

    private static readonly int Runs = Long.Or(50, 4);

    private string[] _lines = [];
    private string _figures = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Store.WriteSamplesAsync(Records);
        _lines = await ExportedFile.LinesAsync(Test.QueryAsync);
        _figures = await ExportedFile.FiguresAsync(Test.QueryAsync);
        Assert.Equal(Records, _lines.Length);
    }

    [Fact]
    public async Task A_process_killed_at_any_moment_leaves_the_whole_file_or_none()
    {
        var random = new Random(20260130);
        int midway = 0, whole = 0, none = 0, leftovers = 0;
        for (int i = 0; i < Runs; i++)
        {
            // What was there before is deleted first, or replaced.
            bool replace = i % 2 == 1;
            string folder = Directory.CreateTempSubdirectory("usage-export-").FullName;
            try
            {
                using CrashHost host = CrashHost.Start(Test, $"{i}", "do=export", $"into={folder}", $"first={i % 4}", $"replace={(replace ? 1 : 0)}");
                // Early is the first of its kind, later they are fast; and it ends wherever it has got to by then.
                Assert.True(host.Hears(l => l[0] == 'w', 1 + random.Next(10)));
                await Task.Delay(random.Next(150), Cancel);
                host.Kill();
                Assert.True(host.WasKilled);

                string? interrupted = host.Heard[^1][0] == 'w' ? host.Heard[^1][2..] : null;
                midway += interrupted is null ? 0 : 1;
                foreach (ExportFormat format in ExportedFile.Formats)
                {
                    string path = Path.Combine(folder, $"usage.{format}");
                    if (File.Exists(path))
                    {
                        ExportedFile.AssertWhole(path, format, _lines);
                        whole++;
                    }
                    else
                    {
                        none++;
                        Assert.True($"{format}" == interrupted || !host.Heard.Contains($"f {format}"), $"{i}: {path} was finished, and is not there.");
                        Assert.False(replace && host.Heard.Contains($"f {format}"), $"{i}: {path} was to be replaced, and is not there.");
                    }
                }

                // The one that was being written, under its hidden name.
                string[] others = [.. Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)!).Where(n => !n.StartsWith("usage.", StringComparison.Ordinal))];
                Assert.InRange(others.Length, 0, 1);
                Assert.All(others, n => Assert.Matches(@"^\.[0-9a-f]{32}\.tmp$", n));
                leftovers += others.Length;
                Assert.Equal(_figures, await ExportedFile.FiguresAsync(Test.QueryAsync));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{Runs} kills, {midway} of them during an export, {leftovers} with a hidden temporary file; {whole} whole files, {none} not there, no half one.");
        Assert.InRange(midway, Runs / 2, Runs);
    }

    [Fact]
    public async Task A_disk_that_is_full_at_any_moment_leaves_the_whole_file_or_none_and_an_error()
    {
        using TinyDisk? disk = TinyDisk.TryMount(out string reason);
        Assert.SkipWhen(disk is null, reason);
        var random = new Random(20260131);
        int whole = 0;
        int[] sizes = await Task.WhenAll(ExportedFile.Formats.Select(SizeAsync));
        for (int i = 0; i < Runs; i++)
        {
            ExportFormat format = ExportedFile.Formats[i % sizes.Length];
            string path = Path.Combine(disk!.Path, "usage");
            bool replace = random.Next(2) == 1;
            if (replace)
                await File.WriteAllTextAsync(path, "old", Cancel);

            disk.Fill(leave: random.Next((int)(1.2 * sizes[i % sizes.Length])));
            UsageException? error = null;
            try
            {
                await RecordExport.WriteAsync(Store, ExportedFile.Everything(format), path, replace, new ExportProgress(), Cancel);
            }
            catch (UsageException e)
            {
                error = e;
            }

            if (error is null)
            {
                ExportedFile.AssertWhole(path, format, _lines);
                whole++;
            }
            else
            {
                Assert.Equal(("FileNotWritten", UsageErrorKind.LimitReached), (error.ErrorId, error.Kind));
                Assert.Equal(replace ? "old" : null, File.Exists(path) ? await File.ReadAllTextAsync(path, Cancel) : null);
            }

            disk.Free();
            File.Delete(path);
            Assert.Empty(Directory.EnumerateFileSystemEntries(disk.Path));
            Assert.Equal(_figures, await ExportedFile.FiguresAsync(Test.QueryAsync));
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{Runs} exports, {Runs - whole} of them refused by a full disk, {whole} whole.");
        Assert.InRange(whole, 0, Runs / 2);

        async Task<int> SizeAsync(ExportFormat format)
        {
            using var stream = new MemoryStream();
            await RecordExport.WriteAsync(Store.ReadPagesAsync(UsageFilter.All, TimeRange.Everything, Cancel), ExportedFile.Everything(format), stream, new ExportProgress(), Cancel);
            return (int)stream.Length;
        }
    }
}
