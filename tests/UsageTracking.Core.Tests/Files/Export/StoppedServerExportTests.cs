using Npgsql;
using UsageTracking.Files.Export;
using UsageTracking.Stores;
using UsageTracking.Stores.Postgres;
using UsageTracking.Testing;
using UsageTracking.Tests.Testing;

namespace UsageTracking.Tests.Files.Export;

/// <summary>Exports from a server that is stopped; it is this test's own.</summary>
public sealed class StoppedServerExportTests : IDisposable
{
    // Ten megabytes are more than can be on its way at a time, so that a server that stops is missed.
    private const int Records = 10_000;
    private const int Padding = 1_000;

    private static readonly int Runs = Long.Or(50, 4);

    private readonly string _folder = Directory.CreateTempSubdirectory("usage-export-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_server_stopped_at_any_moment_leaves_the_whole_file_or_none_and_an_error()
    {
        using PostgresCluster? cluster = PostgresCluster.TryStart(out string reason);
        Assert.SkipWhen(cluster is null, reason);
        await using IUsageStore store = new PostgresStore(cluster!.ConnectionString);
        await store.InitializeAsync(Cancel);
        await store.WriteSamplesAsync(Records, Padding);
        string[] lines = await ExportedFile.LinesAsync(QueryAsync);
        string figures = await ExportedFile.FiguresAsync(QueryAsync);
        Assert.Equal(Records, lines.Length);

        var random = new Random(20260201);
        int stops = 0, midway = 0, whole = 0;
        // A quarter of them is to hit a file of which a part is written.
        for (int i = 0; i < Runs || (midway < Runs / 4 && i < 2 * Runs); i++)
        {
            // What was there before is deleted first, or replaced.
            bool replace = i % 4 >= 2;
            Task<(ExportFormat Format, UsageException Error, long Done)> failure = Task.Run(() => ExportUntilItFailsAsync(i % 4, replace), Cancel);
            await Task.Delay(random.Next(500), Cancel);
            if (i % 2 == 0)
                cluster.StopImmediately();
            else
                cluster.StopFast();
            (ExportFormat last, UsageException error, long done) = await failure.WaitAsync(TimeSpan.FromSeconds(60), Cancel);

            stops++;
            midway += done > 0 ? 1 : 0;
            Assert.Equal(UsageErrorKind.StoreUnavailable, error.Kind);
            if (!replace)
                Assert.False(File.Exists(At(last)), $"{i}: {error.Message}");
            foreach (ExportFormat format in ExportedFile.Formats.Where(f => File.Exists(At(f))))
            {
                ExportedFile.AssertWhole(At(format), format, lines);
                whole++;
                File.Delete(At(format));
            }

            Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
            cluster.StartAgain();
            Assert.Equal(figures, await ExportedFile.FiguresAsync(QueryAsync));
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{stops} stops and as many errors, {midway} with a part of the file written; {whole} whole files of exports before, no half one.");
        Assert.InRange(midway, Runs / 4, stops);

        async Task<(ExportFormat Format, UsageException Error, long Done)> ExportUntilItFailsAsync(int first, bool replace)
        {
            for (int i = first; ; i++)
            {
                ExportFormat format = ExportedFile.Formats[i % ExportedFile.Formats.Length];
                var progress = new ExportProgress();
                if (!replace)
                    File.Delete(At(format));
                try
                {
                    await RecordExport.WriteAsync(store, ExportedFile.Everything(format), At(format), replace, progress, Cancel);
                }
                catch (UsageException error)
                {
                    return (format, error, progress.Done);
                }
            }
        }

        async Task<IReadOnlyList<string[]>> QueryAsync(string sql)
        {
            await using var connection = new NpgsqlConnection(cluster.ConnectionString + ";Pooling=false");
            return await SqlRows.ReadAsync(connection, sql);
        }
    }

    private string At(ExportFormat format) => Path.Combine(_folder, $"usage.{format}");
}
