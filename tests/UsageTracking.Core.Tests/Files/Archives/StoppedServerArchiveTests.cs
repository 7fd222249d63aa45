using Npgsql;
using UsageTracking.Files.Archives;
using UsageTracking.Stores;
using UsageTracking.Stores.Postgres;
using UsageTracking.Testing;
using UsageTracking.Tests.Files.Export;
using UsageTracking.Tests.Testing;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Files.Archives;

/// <summary>Archives of a server that is stopped; it is this test's own.</summary>
public sealed class StoppedServerArchiveTests : IDisposable
{
    private const int Records = 10_000;

    private static readonly int Runs = Long.Or(50, 4);

    private readonly string _folder = Directory.CreateTempSubdirectory("usage-archive-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_server_stopped_at_any_moment_leaves_each_record_in_the_store_or_in_a_whole_archive()
    {
        using PostgresCluster? cluster = PostgresCluster.TryStart(out string reason);
        Assert.SkipWhen(cluster is null, reason);
        await using IUsageStore store = new PostgresStore(cluster!.ConnectionString);
        await store.InitializeAsync(Cancel);
        await store.WriteSamplesAsync(Records);
        IReadOnlyList<string> rows = await OneOrTheOther.RowsAsync(QueryAsync);
        Assert.Equal(Records, rows.Count);

        var random = new Random(20260203);
        var errors = new List<string>();
        int left = 0, beside = 0;
        for (int i = 0; i < Runs; i++)
        {
            using var enough = new CancellationTokenSource();
            Task<UsageException?> failure = Task.Run(() => ArchiveUntilItFailsAsync(enough.Token), Cancel);
            await Task.Delay(random.Next(800), Cancel);
            if (i % 2 == 0)
                cluster.StopImmediately();
            else
                cluster.StopFast();

            // It may have to ask how its commit ended; or it was just between two transactions, and goes on.
            cluster.StartAgain();
            await enough.CancelAsync();
            errors.Add((await failure.WaitAsync(TimeSpan.FromSeconds(60), Cancel))?.ErrorId ?? "nothing noticed");
            (int l, int b, int hidden) = await OneOrTheOther.AssertAsync(store, QueryAsync, _folder, rows);
            Assert.Equal(0, hidden);
            (left, beside) = (left + l, beside + b);
        }

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{Runs} stops: {left} with the records in the archive, {beside} with a whole file whose records had not left; {string.Join(", ", errors.GroupBy(e => e).Select(e => $"{e.Count()} {e.Key}"))}.");

        // Archives and restores, until one of them meets the stop.
        async Task<UsageException?> ArchiveUntilItFailsAsync(CancellationToken enough)
        {
            var scope = new ArchiveScope(UsageFilter.All, Utc(2027, 1, 1), false);
            for (int i = 0; !enough.IsCancellationRequested; i++)
            {
                try
                {
                    StoredArchive? archive = await RecordArchive.WriteAsync(store, scope, Path.Combine(_folder, $"{i}.csv"), new ArchiveProgress(), Cancel);
                    await ArchiveRestore.RunAsync(store, archive!, new ArchiveProgress(), Cancel);
                }
                catch (UsageException error)
                {
                    return error;
                }
            }

            return null;
        }

        async Task<IReadOnlyList<string[]>> QueryAsync(string sql)
        {
            await using var connection = new NpgsqlConnection(cluster.ConnectionString + ";Pooling=false");
            return await SqlRows.ReadAsync(connection, sql);
        }
    }
}
