using System.Diagnostics;
using System.Text;
using UsageTracking.Metering;
using UsageTracking.Queue;
using UsageTracking.Queue.Spools;
using UsageTracking.Stores;
using UsageTracking.Stores.Postgres;
using static UsageTracking.Tests.Queue.Spools.SpoolFiles;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Queue.Spools;

public sealed class SpoolLogTests : OnSpoolFolder
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Records_come_back_in_order_over_several_segments(int most)
    {
        using SpoolLog log = Folder.Create();
        for (int i = 0; log.Appended < 150; i++)
            log.Append(Numbered((int)log.Appended + 1, 1 + (i % 3)), Small, Cancel);
        int appended = (int)log.Appended;
        string[] segments = Segments(log.Status.Folder!);

        Assert.InRange(segments.Length, 3, 6);
        Assert.All(segments, s => Assert.InRange(new FileInfo(s).Length, 1, Small.Limit / 4));
        // The numbers of the frames run on without a gap, and a segment is named by its first.
        List<FrameHeader> frames = [.. segments.SelectMany(Frames).Select(f => f.Header)];
        Assert.Equal(1, frames[0].FirstRow);
        Assert.All(frames.Zip(frames.Skip(1)), pair => Assert.Equal(pair.First.LastRow + 1, pair.Second.FirstRow));
        Assert.All(segments, s => Assert.Equal(FirstRow(s), Frames(s)[0].Header.FirstRow));

        (List<(long Row, UsageRecord Record)> records, List<RowRange> damaged) = ReadAll(log, most);

        Assert.Equal(Numbered(1, appended), records.Select(r => r.Record));
        Assert.Equal(Enumerable.Range(1, appended).Select(i => (long)i), records.Select(r => r.Row));
        Assert.Empty(damaged);
    }

    [Fact]
    public void What_is_stored_is_deleted_segment_by_segment_and_in_the_end_the_folder_too()
    {
        SpoolLog log = Folder.Create();
        while (log.Appended < 150)
            log.Append(Numbered((int)log.Appended + 1, 2), Small, Cancel);
        string spool = log.Status.Folder!;
        string[] segments = Segments(spool);
        long second = FirstRow(segments[1]);
        long third = FirstRow(segments[2]);

        log.MarkStored(second - 2);
        log.Tidy();
        Assert.Equal(segments, Segments(spool));
        log.MarkStored(second - 1);
        log.Tidy();
        Assert.Equal(segments[1..], Segments(spool));
        log.MarkStored(third + 1);
        log.Tidy();
        Assert.Equal(segments[2..], Segments(spool));
        log.MarkStored(log.Appended);
        log.Dispose();

        Assert.False(Directory.Exists(spool));
    }

    [Fact]
    public void Nothing_is_written_before_the_first_record()
    {
        using (SpoolLog log = Folder.Create())
            Assert.Null(log.Status.Folder);

        Assert.Empty(Directory.GetFileSystemEntries(Root));
    }

    [Fact]
    public void What_waits_when_the_log_is_closed_waits_for_the_next_owner()
    {
        string spool = MakeOrphan(Folder, [3, 2]);

        using SpoolLog log = Adopt(Folder);

        Assert.Equal((Path.GetFileName(spool), 5, 0), (log.SpoolId.ToString(), log.Appended, log.Stored));
        Assert.True(log.IsAdopted);
        Assert.Equal(Numbered(1, 5), log.Peek(100).Records);
    }

    [Fact]
    public void A_spool_whose_owner_lives_is_not_taken_over()
    {
        using SpoolLog log = Folder.Create();
        log.Append(Numbered(1, 1), Small, Cancel);

        Assert.Empty(Folder.AdoptOrphans(new HashSet<Guid>()));
        Assert.Empty(Folder.AdoptOrphans(new HashSet<Guid>()));
        Assert.True(log.Append(Numbered(2, 1), Small, Cancel));
        Assert.Equal(Numbered(1, 2), log.Peek(100).Records);
    }

    [Fact]
    public void A_spool_that_a_later_version_wrote_is_left_to_that_version()
    {
        string spool = MakeOrphan(Folder, [3, 2]);
        string identity = Path.Combine(spool, "spool.json");
        File.WriteAllText(identity, File.ReadAllText(identity).Replace("\"Version\":1", "\"Version\":2", StringComparison.Ordinal));

        Assert.Empty(Folder.AdoptOrphans(new HashSet<Guid>()));

        SpoolStatus status = Assert.Single(SpoolFolder.List(Root, new HashSet<Guid>()));
        Assert.Equal((5, false), (status.Records, status.IsLive));
    }

    [Fact]
    public void Folders_and_files_are_for_their_owner_only()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        SpoolFolder folder = FolderIn(Path.Combine(Root, "a", "b"));
        using SpoolLog log = folder.Create();
        log.Append(Numbered(1, 2), Small, Cancel);
        log.Bind(Guid.NewGuid());
        log.MarkStored(1);
        log.NoteError("away");

        string[] files = Directory.GetFiles(Root, "*", SearchOption.AllDirectories);
        Assert.Equal(["0000000000000000001.seg", "owner.lock", "progress.json", "spool.json"], files.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(files, f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, ModeOf(f)));
        string[] folders = Directory.GetDirectories(Root, "*", SearchOption.AllDirectories);
        Assert.Equal(4, folders.Length);
        Assert.All(folders, f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, ModeOf(f)));
    }

    [Fact]
    public async Task A_folder_is_named_by_host_port_and_database_and_holds_no_user_and_no_password()
    {
        await using var store = new PostgresStore("Host=db.example.com;Port=5433;Database=billing;Username=alice;Password=s3cret-pw");
        var folder = new SpoolFolder(Root, store.Address);
        string spool = MakeOrphan(folder, [1]);

        Assert.StartsWith("db.example.com-5433-billing-", Path.GetFileName(folder.FolderPath), StringComparison.Ordinal);
        Assert.Equal(folder.FolderPath, Path.GetDirectoryName(spool));
        foreach (string file in Directory.GetFiles(spool))
        {
            string text = file + Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Cancel));
            Assert.DoesNotContain("alice", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("s3cret-pw", text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Theory]
    [InlineData("/a/usage.db", "/b/usage.db")]
    [InlineData("/a/usage 1.db", "/a/usage_1.db")]
    [InlineData("/a/\u00FCsage.db", "/a/\u00F6sage.db")]
    public void Stores_with_similar_names_have_folders_of_their_own(string one, string other)
    {
        (SpoolFolder first, SpoolFolder second) = (new SpoolFolder(Root, StoreAddress.ForFile(one)), new SpoolFolder(Root, StoreAddress.ForFile(other)));

        Assert.NotEqual(first.FolderPath, second.FolderPath);
        Assert.Equal(first.FolderPath, new SpoolFolder(Root, StoreAddress.ForFile(one)).FolderPath);
        Assert.Contains("sage", Path.GetFileName(first.FolderPath), StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_spool_makes_the_caller_wait_and_then_says_so()
    {
        using SpoolLog log = Fill();
        long appended = log.Appended;
        long started = Stopwatch.GetTimestamp();

        UsageException error = Assert.Throws<UsageException>(() => log.Append(
            Numbered(1, 1), Small with { FullAction = FullAction.Block, FullTimeout = TimeSpan.FromMilliseconds(300) }, Cancel));

        Assert.Equal(("QueueFull", UsageErrorKind.LimitReached), (error.ErrorId, error.Kind));
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 295, 5_000);
        Assert.Equal(appended, log.Appended);
        Assert.Equal(Numbered(1, (int)appended), log.Peek(1000).Records);
    }

    [Fact]
    public async Task A_full_spool_takes_the_record_as_soon_as_there_is_room()
    {
        using SpoolLog log = Fill();
        int appended = (int)log.Appended;
        Task<bool> adding = Task.Run(() => log.Append(Numbered(appended + 1, 1), Small with { FullAction = FullAction.Block }, Cancel), Cancel);
        await Task.Delay(100, Cancel);
        Assert.False(adding.IsCompleted);

        long first = FirstRow(Segments(log.Status.Folder!)[1]) - 1;
        log.Peek(1000);
        log.MarkStored(first);
        log.Tidy();

        Assert.True(await adding.WaitAsync(TimeSpan.FromSeconds(5), Cancel));
        Assert.Equal(Numbered((int)first + 1, appended + 1 - (int)first), log.Peek(1000).Records);
    }

    [Fact]
    public void A_full_spool_refuses_at_once_where_the_settings_say_so()
    {
        using SpoolLog log = Fill();
        int appended = (int)log.Appended;
        long started = Stopwatch.GetTimestamp();

        UsageException error = Assert.Throws<UsageException>(() => log.Append(Numbered(appended + 1, 1), Small, Cancel));

        Assert.Equal("QueueFull", error.ErrorId);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(2));
        Assert.Equal(Numbered(1, appended), log.Peek(1000).Records);
    }

    [Fact]
    public void A_full_spool_drops_the_newest_where_the_settings_say_so_and_keeps_what_waited()
    {
        using SpoolLog log = Fill();
        int appended = (int)log.Appended;
        QueueSettings dropping = Small with { FullAction = FullAction.DropNewest };

        Assert.False(log.Append(Numbered(-5, 3), dropping, Cancel));
        Assert.Equal(appended, log.Appended);
        Assert.Equal(Numbered(1, appended), log.Peek(1000).Records);

        log.MarkStored(appended);
        Assert.True(log.Append(Numbered(appended + 1, 1), dropping, Cancel));
        Assert.Equal(Numbered(appended + 1, 1), log.Peek(1000).Records);
    }

    [Fact]
    public void A_frame_larger_than_the_limit_does_not_fill_the_spool_for_good()
    {
        using SpoolLog log = Folder.Create();
        QueueSettings tiny = Small with { Limit = 1024 };
        Assert.True(log.Append(Numbered(1, 100), tiny, Cancel));
        Assert.Equal("QueueFull", Assert.Throws<UsageException>(() => log.Append(Numbered(101, 100), tiny, Cancel)).ErrorId);

        log.MarkStored(100);

        Assert.True(log.Append(Numbered(101, 100), tiny, Cancel));
        Assert.Equal(Numbered(101, 100), log.Peek(1000).Records);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(5, 6)]
    [InlineData(9, 10)]
    [InlineData(10, 11)]
    [InlineData(14, 29)]
    public void Reading_goes_on_exactly_where_storing_ended_in_the_middle_of_a_frame(int first, int second)
    {
        using SpoolLog log = Folder.Create();
        for (int i = 0; i < 3; i++)
            log.Append(Numbered(1 + (10 * i), 10), Small, Cancel);

        foreach (int position in new[] { first, second })
        {
            log.Peek(1);
            log.MarkStored(position);
            LogSlice slice = log.Peek(1000);

            Assert.Equal((position, 30 - position), (slice.From, slice.Records.Count));
            Assert.Equal(Numbered(position + 1, 30 - position), slice.Records);
        }

        log.Rewind(first);
        Assert.Equal(Numbered(first + 1, 30 - first), log.Peek(1000).Records);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_spool_taken_over_goes_on_in_the_middle_of_a_frame(bool knowsProgress)
    {
        SpoolLog dead = Folder.Create();
        dead.Append(Numbered(1, 10), Small, Cancel);
        dead.Append(Numbered(11, 5), Small, Cancel);
        dead.Peek(1000);
        dead.MarkStored(4);
        string spool = dead.Status.Folder!;
        dead.Dispose();
        if (!knowsProgress)
            File.Delete(Path.Combine(spool, "progress.json"));

        using SpoolLog log = Adopt(Folder);
        Assert.Equal(knowsProgress ? 4 : 0, log.Stored);
        // What the store says counts.
        log.MarkStored(4);

        Assert.Equal(Numbered(5, 11), log.Peek(1000).Records);
    }

    [Fact]
    public void A_log_that_is_reset_begins_anew_under_another_name()
    {
        using SpoolLog log = Folder.Create();
        log.Append(Numbered(1, 3), Small, Cancel);
        (Guid id, string spool) = (log.SpoolId, log.Status.Folder!);
        log.Bind(Guid.NewGuid());

        Assert.Equal(0, log.Reset(discard: false));
        Assert.Equal((id, 3), (log.SpoolId, log.Appended));
        Assert.Equal(3, log.Reset(discard: true));

        Assert.False(Directory.Exists(spool));
        Assert.NotEqual(id, log.SpoolId);
        Assert.Null(log.StoreId);
        log.Append(Numbered(1, 2), Small, Cancel);
        Assert.Equal(Numbered(1, 2), log.Peek(1000).Records);
    }

    [Fact]
    public void A_reader_does_not_remember_bytes_that_did_not_count_yet()
    {
        string spool = MakeOrphan(Folder, [2, 3]);
        string file = Segments(spool)[0];
        byte[] bytes = File.ReadAllBytes(file);
        int end = Frames(file)[1].Offset;
        // A write that failed halfway: the reader comes by before it is taken back.
        byte[] failed = [.. bytes];
        failed.AsSpan(end + FrameHeader.Size).Fill(0x55);
        File.WriteAllBytes(file, failed);
        using var reader = new SegmentReader(file);
        long offset = 0;
        Assert.True(reader.TryFind(ref offset, end, out FrameHeader first));
        offset += FrameHeader.Size + first.Length;

        File.WriteAllBytes(file, bytes);

        Assert.True(reader.TryFind(ref offset, bytes.Length, out FrameHeader second));
        Assert.False(reader.Records(offset, second, bytes.Length).IsEmpty, "A sound frame is taken for a damaged one.");
    }

    [Fact]
    public async Task Several_who_create_look_and_take_over_do_not_get_in_each_others_way()
    {
        const int Spools = 150;
        var taken = new System.Collections.Concurrent.ConcurrentBag<long>();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task[] takers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(TakeOver, Cancel))];
        Task looker = Task.Run(Look, Cancel);

        for (int i = 1; i <= Spools; i++)
        {
            using SpoolLog log = Folder.Create();
            Assert.True(log.Append([Record("api", i, Utc(2026, 1, 1))], Small, Cancel));
        }

        await done.CancelAsync();
        await Task.WhenAll([.. takers, looker]).WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        TakeOver();

        Assert.Equal(Enumerable.Range(1, Spools).Select(i => (long)i), taken.Order());
        Assert.Empty(Directory.GetFileSystemEntries(Folder.FolderPath));

        void TakeOver()
        {
            do
            {
                foreach (SpoolLog log in Folder.AdoptOrphans(new HashSet<Guid>()))
                {
                    foreach ((_, UsageRecord record) in ReadAll(log).Records)
                        taken.Add((long)record.Quantity);

                    log.Dispose();
                }

                Thread.Sleep(20);
            }
            while (!done.IsCancellationRequested);
        }

        void Look()
        {
            while (!done.IsCancellationRequested)
            {
                Assert.All(SpoolFolder.List(Root, new HashSet<Guid>()), s => Assert.InRange(s.Records, 0, 1));
                Thread.Sleep(20);
            }
        }
    }

    private static UnixFileMode ModeOf(string path) => OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path);

    private SpoolLog Fill()
    {
        SpoolLog log = Folder.Create();
        Assert.Throws<UsageException>(() =>
        {
            for (int i = 1; i <= 1_000; i++)
                log.Append(Numbered(i, 1), Small, Cancel);
        });
        Assert.InRange(log.Status.Bytes, Small.Limit, 2 * Small.Limit);
        return log;
    }
}
