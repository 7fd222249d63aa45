using UsageTracking.Files.Archives;
using UsageTracking.Stores;
using UsageTracking.Stores.Postgres;
using UsageTracking.Tests.Files.Export;
using UsageTracking.Tests.Testing;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Files.Archives;

public sealed class SqliteInterruptedArchiveTests() : InterruptedArchiveTests(StoreKind.Sqlite);

public sealed class PostgresInterruptedArchiveTests() : InterruptedArchiveTests(StoreKind.PostgreSql)
{
    [Theory]
    [InlineData(CommitProxy.Cut.Reply)]
    [InlineData(CommitProxy.Cut.Request)]
    public async Task Where_the_connection_breaks_at_the_commit_the_store_is_asked_how_it_ended(CommitProxy.Cut cut)
    {
        using var proxy = new CommitProxy(Test.ConnectionString);
        await using var store = new PostgresStore(proxy.ConnectionString);
        // Records of others are folded in, the snapshot ends, and then the records leave.
        int commits = 0;
        proxy.AtCommit = () => ++commits == 3 ? cut : CommitProxy.Cut.None;
        string path = Path.Combine(Folder.FullName, "a.csv");

        Task<StoredArchive?> archive = RecordArchive.WriteAsync(store, Everything, path, new ArchiveProgress(), Cancel);

        if (cut == CommitProxy.Cut.Reply)
        {
            Assert.Equal(Rows.Count, (await archive)!.Records);
            Assert.True(ArchiveManifest.Read(path).HasLeft);
        }
        else
        {
            Assert.Equal("StoreUnavailable", (await Assert.ThrowsAsync<UsageException>(() => archive)).ErrorId);
            Assert.Empty(Folder.GetFiles());
        }

        (int left, int beside, int hidden) = await OneOrTheOther.AssertAsync(Store, Test.QueryAsync, Folder.FullName, Rows);
        Assert.Equal((cut == CommitProxy.Cut.Reply ? 1 : 0, 0, 0), (left, beside, hidden));
    }
}

/// <summary>Archives that do not get to their end: each record is in the store or in a whole archive.</summary>
public abstract class InterruptedArchiveTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind)), IDisposable
{
    protected static readonly ArchiveScope Everything = new(UsageFilter.All, Utc(2027, 1, 1), false);

    private const int Records = 3_000;

    private static readonly int Runs = Long.Or(50, 4);

    protected DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("usage-archive-");

    protected IReadOnlyList<string> Rows { get; private set; } = [];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Store.WriteSamplesAsync(Records);
        Rows = await OneOrTheOther.RowsAsync(Test.QueryAsync);
        Assert.Equal(Records, Rows.Count);
    }

    public void Dispose()
    {
        Folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_process_killed_at_any_moment_leaves_each_record_in_the_store_or_in_a_whole_archive()
    {
        var random = new Random(20260201);
        int midway = 0, left = 0, beside = 0, hidden = 0;
        for (int i = 0; i < Runs; i++)
        {
            using CrashHost host = CrashHost.Start(Test, $"{i}", "do=archive", $"into={Folder.FullName}", $"first={i % 4}");
            // Early is the first of its kind, later they are fast; and it ends wherever it has got to by then.
            Assert.True(host.Hears(l => l[0] == 'w', 1 + random.Next(4)), string.Join('\n', host.Heard));
            await Task.Delay(random.Next(250), Cancel);
            host.Kill();
            Assert.True(host.WasKilled);

            midway += host.Heard.Last(l => l[0] is 'w' or 'f' or 'r' or 'g')[0] is 'w' or 'r' ? 1 : 0;
            (int l, int b, int h) = await OneOrTheOther.AssertAsync(Store, Test.QueryAsync, Folder.FullName, Rows);
            (left, beside, hidden) = (left + l, beside + b, hidden + h);
        }

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{Runs} kills, {midway} of them during an archive or its restore: {left} with the records in the archive, {beside} with a whole file whose records had not left, {hidden} hidden temporary files.");
        Assert.InRange(midway, Runs / 2, Runs);
    }

    [Fact]
    public async Task A_process_killed_at_a_point_of_the_protocol_leaves_each_record_in_the_store_or_in_a_whole_archive()
    {
        (string Step, int Left, int Beside)[] steps =
        [
            ("archive written", 0, 0), ("archive manifest", 0, 0), ("archive placed", 0, 1), ("archive delete", 0, 1), ("archive delete done", 0, 1),
            .. Test.IsPostgres ? ((string, int, int)[])[("archive commit", 0, 1), ("archive commit done", 1, 0)] : [],
        ];
        foreach ((string step, int left, int beside) in steps)
        {
            using CrashHost host = CrashHost.Start(Test, step, "do=archive", $"into={Folder.FullName}", $"step={step}");
            host.WaitForEnd();
            Assert.Equal((true, $"k {step}"), (host.WasKilled, host.Heard[^1]));

            (int l, int b, _) = await OneOrTheOther.AssertAsync(Store, Test.QueryAsync, Folder.FullName, Rows);
            Assert.Equal((step, left, beside), (step, l, b));
        }
    }

    [Fact]
    public async Task A_disk_that_is_full_at_any_moment_leaves_each_record_in_the_store_or_in_a_whole_archive()
    {
        using TinyDisk? disk = TinyDisk.TryMount(out string reason);
        Assert.SkipWhen(disk is null, reason);
        var random = new Random(20260202);
        string[] extensions = [".csv", ".csv.gz", ".ndjson.gz"];
        var sizes = new List<int>();
        foreach (string extension in extensions)
            sizes.Add(await SizeAsync(Path.Combine(Folder.FullName, "usage" + extension)));

        int whole = 0;
        for (int i = 0; i < Runs; i++)
        {
            string path = Path.Combine(disk!.Path, "usage" + extensions[i % extensions.Length]);
            // From nothing to the file and its manifest, and a little more.
            disk.Fill(leave: random.Next((int)(1.1 * sizes[i % extensions.Length]) + 8192));
            UsageException? error = null;
            try
            {
                await RecordArchive.WriteAsync(Store, Everything, path, new ArchiveProgress(), Cancel);
                whole++;
            }
            catch (UsageException e)
            {
                error = e;
            }

            disk.Free();
            Assert.Equal(error is null ? 2 : 0, Directory.EnumerateFileSystemEntries(disk.Path).Count());
            if (error is not null)
                Assert.Equal(("FileNotWritten", UsageErrorKind.LimitReached), (error.ErrorId, error.Kind));

            (int left, int beside, int hidden) = await OneOrTheOther.AssertAsync(Store, Test.QueryAsync, disk.Path, Rows);
            Assert.Equal((error is null ? 1 : 0, 0, 0), (left, beside, hidden));
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{Runs} archives, {Runs - whole} of them refused by a full disk, {whole} whole.");
        Assert.InRange(whole, 0, (2 * Runs) / 3);
    }

    private async Task<int> SizeAsync(string path)
    {
        await RecordArchive.WriteAsync(Store, Everything, path, new ArchiveProgress(), Cancel);
        int size = (int)new FileInfo(path).Length;
        await OneOrTheOther.AssertAsync(Store, Test.QueryAsync, Path.GetDirectoryName(path)!, Rows);
        return size;
    }
}
