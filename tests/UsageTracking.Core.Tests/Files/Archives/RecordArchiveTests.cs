using System.Globalization;
using UsageTracking.Files.Archives;
using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Files.Archives;

public sealed class SqliteRecordArchiveTests() : RecordArchiveTests(StoreKind.Sqlite);

public sealed class PostgresRecordArchiveTests() : RecordArchiveTests(StoreKind.PostgreSql)
{
    [Fact]
    public async Task A_month_of_which_nothing_is_left_loses_its_partition_and_gets_it_again_when_needed()
    {
        await WriteDaysAsync("a", Utc(2026, 1, 1), 75);
        Assert.Equal(3, await PartitionsAsync("2026_0[123]"));

        // All of January and February, and half of March.
        StoredArchive archive = (await ArchiveAsync(before: Utc(2026, 3, 10)))!;
        Assert.Equal(68, archive.Records);
        Assert.Equal(1, await PartitionsAsync("2026_0[123]"));
        Assert.Equal("7", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));

        await Store.WriteAsync(Record("api", 5, Utc(2026, 1, 20, 12), "a"));
        Assert.Equal(68, await RestoreAsync(archive));
        Assert.Equal("76", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
        await AssertConsistentAsync();
    }

    [Fact]
    public async Task A_month_that_another_customer_used_keeps_its_partition()
    {
        await WriteDaysAsync("a", Utc(2026, 1, 1), 28);
        await WriteDaysAsync("b", Utc(2026, 1, 31), 1);

        Assert.Equal(28, (await ArchiveAsync(new UsageFilter(["a"], null)))!.Records);

        Assert.Equal(1, await PartitionsAsync("2026_01"));
        await AssertConsistentAsync();
    }

    [Fact]
    public async Task Nobody_waits_for_a_long_query_on_a_month_that_is_archived()
    {
        await WriteDaysAsync("a", Utc(2026, 1, 1), 31);
        await using var reader = new Npgsql.NpgsqlConnection(Test.ConnectionString);
        await reader.OpenAsync(Cancel);
        await using Npgsql.NpgsqlTransaction query = await reader.BeginTransactionAsync(Cancel);
        await using (var command = new Npgsql.NpgsqlCommand("SELECT count(*) FROM billing_usage_records", reader))
            Assert.Equal(31L, await command.ExecuteScalarAsync(Cancel));

        Assert.Equal(31, (await ArchiveAsync())!.Records);

        Assert.Equal(1, await PartitionsAsync("2026_01"));
        await query.CommitAsync(Cancel);
        await AssertConsistentAsync();
    }

    [Fact]
    public async Task A_repair_and_an_archive_do_not_wait_for_each_other()
    {
        await WriteDaysAsync("a", Utc(2026, 1, 1), 3);
        await using var archive = new Npgsql.NpgsqlConnection(Test.ConnectionString);
        await archive.OpenAsync(Cancel);
        // What an archive that is being completed holds, and what it changes then.
        await ExecuteAsync("BEGIN; SET LOCAL lock_timeout = '5s'; SELECT pg_advisory_xact_lock(hashtext('usage_archives')); LOCK TABLE billing_usage_records IN ACCESS EXCLUSIVE MODE");
        Task<SummaryUpdate> repair = Store.UpdateSummaryAsync(UsageFilter.All, TimeRange.Everything, Cancel);
        while (await Test.ScalarAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == "0")
            await Task.Delay(20, Cancel);

        await ExecuteAsync("UPDATE usage_buckets SET event_count = event_count; COMMIT");

        Assert.Equal(0, (await repair).Records);

        async Task ExecuteAsync(string sql)
        {
            await using var command = new Npgsql.NpgsqlCommand(sql, archive);
            await command.ExecuteNonQueryAsync(Cancel);
        }
    }

    private async Task<int> PartitionsAsync(string months) => int.Parse(
        await Test.ScalarAsync($"SELECT count(*) FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE relkind = 'r' AND relname ~ '{months}'"), CultureInfo.InvariantCulture);
}

public abstract class RecordArchiveTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind)), IDisposable
{
    private const string EveryRow =
        """
        SELECT usage_id, customer_id, service_name, quantity, unit_cost, metadata, recorded_at, aggregated, invoice_id, received_at, event_key,
               corrects_id, corrected_by, correction_reason
        FROM billing_usage_records ORDER BY usage_id
        """;

    private const string EveryBucket =
        "SELECT customer_id, service_name, bucket_start, part, event_count, total_quantity, total_cost, min_quantity, max_quantity, first_event, last_event FROM usage_buckets ORDER BY 1, 2, 3, 4";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("usage-archive-");

    public static TheoryData<string> Names => [".csv", ".csv.gz", ".ndjson", ".jsonl.gz"];

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_column_of_every_row_leaves_and_comes_back(string name)
    {
        await WriteEverythingAsync();
        IReadOnlyList<string[]> rows = await Test.QueryAsync(EveryRow);
        IReadOnlyList<string[]> buckets = await Test.QueryAsync(EveryBucket);
        string figures = await FiguresAsync();
        await AssertConsistentAsync();

        StoredArchive archive = (await ArchiveAsync(path: "a" + name))!;

        Assert.Equal(rows.Count - 1, archive.Records);
        Assert.Equal(Utc(2026, 1, 1), archive.Start);
        Assert.Equal(["a", "b, \"c\""], archive.CustomerIds);
        Assert.Equal("live", (await Test.QueryAsync(EveryRow)).Single()[10]);
        Assert.Equal(figures, await FiguresAsync());
        await AssertConsistentAsync();

        ArchiveManifest manifest = await ArchiveCheck.RunAsync(archive.Path, new ArchiveProgress(), Cancel);
        Assert.True(manifest.HasLeft);
        Assert.Equal(archive.Records, await RestoreAsync(archive));

        Assert.Equal(rows, await Test.QueryAsync(EveryRow));
        Assert.Equal(buckets, await Test.QueryAsync(EveryBucket));
        Assert.Equal(figures, await FiguresAsync());
        await AssertConsistentAsync();
    }

    [Fact]
    public async Task The_file_has_the_columns_of_the_table_and_its_SHA_256()
    {
        await Store.WriteAsync(Record("api", 1.5m, Utc(2026, 1, 1, 1, 2, 3), "a", """{"k":"x,y"}""", 2, "key"));

        StoredArchive archive = (await ArchiveAsync(path: "a.csv"))!;

        string[] lines = File.ReadAllLines(archive.Path);
        Assert.Equal(
            "usage_id,customer_id,service_name,quantity,unit_cost,metadata,recorded_at,aggregated,invoice_id,received_at,event_key,corrects_id,corrected_by,correction_reason",
            lines[0]);
        string metadata = Test.IsPostgres ? """{""k"": ""x,y""}""" : """{""k"":""x,y""}""";
        Assert.Matches($"^1,a,api,1.5,2,\"{System.Text.RegularExpressions.Regex.Escape(metadata)}\",2026-01-01T01:02:03Z,true,,20[^,]+Z,key,,,$", lines[1]);
        Assert.Equal(2, lines.Length);
        Assert.Equal(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(archive.Path))).ToLowerInvariant(), archive.Sha256);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(archive.Path));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(ArchivePath.ManifestOf(archive.Path)));
        }
    }

    [Fact]
    public async Task What_arrives_while_an_archive_is_made_stays_and_counts()
    {
        await WriteDaysAsync("a", Utc(2026, 1, 1), 20);
        await using (IArchiveRun run = await Store.BeginArchiveAsync(new ArchiveScope(UsageFilter.All, Utc(2026, 2, 1), false), Cancel))
        {
            Assert.Equal(20, run.Records);
            // Before the records are read, and after: into quarter hours that are archived, and into one that is not.
            await Store.WriteAsync(Record("api", 100, Utc(2026, 1, 5, 0, 0, 1), "a"), Record("api", 1000, Utc(2026, 1, 5, 3), "a"));
            List<ArchivedRecord> read = await ReadAsync(run);
            await Store.WriteAsync(Record("api", 0.5m, Utc(2026, 1, 6), "a"), Record("api", 7, Utc(2026, 1, 6), "new"));

            Assert.Equal(20, read.Count);
            StoredArchive entered = await run.CompleteAsync(Archive(read), Cancel);
            Assert.Equal(1, entered.Number);
        }

        Assert.Equal("4", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
        // 20 records of 1 to 20, the late ones beside them.
        Assert.Equal("a api 23 1310.5; new api 1 7", await FiguresAsync());
        await AssertConsistentAsync();
    }

    [Fact]
    public async Task Writers_at_work_all_the_while_lose_nothing()
    {
        await WriteDaysAsync("a", Utc(2026, 1, 1), 30);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        long written = 0;
        Task[] writers =
        [
            .. Enumerable.Range(0, 2).Select(w => Task.Run(
                async () =>
                {
                    await using IUsageStore store = Test.OpenAgain();
                    for (int i = 0; !stop.IsCancellationRequested; i++)
                    {
                        await store.WriteAsync(Record("api", 1, Utc(2026, 1, 1 + (i % 28)), "a"), Record("api", 1, Utc(2026, 2, 1 + (i % 28)), "a"));
                        Interlocked.Add(ref written, 2);
                    }
                },
                Cancel)),
        ];
        long archived = 0;
        for (int i = 0; i < 5; i++)
        {
            // They have written more since the last one, and go on.
            while (Interlocked.Read(ref written) < 8 * (i + 1) && !writers.Any(w => w.IsCompleted))
                await Task.Delay(5, Cancel);

            archived += (await ArchiveAsync(before: Utc(2026, 3, 1), path: $"w{i}.csv"))?.Records ?? 0;
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);

        Assert.True(archived > 30);
        Assert.Equal(30 + written - archived, long.Parse(await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"), CultureInfo.InvariantCulture));
        // 465 is the sum of 1 to 30.
        Assert.Equal(FormattableString.Invariant($"a api {30 + written} {465 + written}"), await FiguresAsync());
        await AssertConsistentAsync();
        foreach (StoredArchive archive in await Store.GetArchivesAsync(Cancel))
            await RestoreAsync(archive);

        Assert.Equal(30 + written, long.Parse(await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"), CultureInfo.InvariantCulture));
        await AssertConsistentAsync();
    }

    [Fact]
    public async Task Customers_are_archived_apart_also_at_once()
    {
        await WriteDaysAsync("a", Utc(2026, 1, 1), 20);
        await WriteDaysAsync("b", Utc(2026, 1, 1), 10);
        string figures = await FiguresAsync();

        StoredArchive?[] archives = await Task.WhenAll(
            Task.Run(() => ArchiveAsync(new UsageFilter(["a"], null), path: "a.csv"), Cancel),
            Task.Run(() => ArchiveAsync(new UsageFilter(["b"], null), path: "b.csv"), Cancel));

        Assert.Equal([20L, 10L], archives.Select(a => a!.Records));
        Assert.Equal([1, 2], archives.Select(a => a!.Number).Order());
        Assert.Equal("0", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
        Assert.Equal(figures, await FiguresAsync());
        Assert.Equal(10, await RestoreAsync(archives[1]!));
        Assert.Equal("10", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records WHERE customer_id = 'b'"));
        Assert.Equal(figures, await FiguresAsync());
        await AssertConsistentAsync();
    }

    [Fact]
    public async Task Of_two_that_archive_the_same_one_has_it_and_the_other_nothing()
    {
        await WriteDaysAsync("a", Utc(2026, 1, 1), 20);
        var scope = new ArchiveScope(UsageFilter.All, Utc(2026, 2, 1), false);
        await using IArchiveRun first = await Store.BeginArchiveAsync(scope, Cancel);
        await using IUsageStore again = Test.OpenAgain();
        await using IArchiveRun second = await again.BeginArchiveAsync(scope, Cancel);
        StoredArchive archive = Archive(await ReadAsync(first));
        StoredArchive other = Archive(await ReadAsync(second));

        await first.CompleteAsync(archive, Cancel);
        UsageException error = await Assert.ThrowsAsync<UsageException>(() => second.CompleteAsync(other, Cancel));

        Assert.Equal("ArchiveOvertaken", error.ErrorId);
        Assert.False(second.MayBeCompleted);
        Assert.Null(await Store.FindArchiveAsync(other.Id, Cancel));
        await AssertConsistentAsync();
    }

    [Fact]
    public async Task A_record_that_gets_its_invoice_meanwhile_is_not_lost()
    {
        await WriteDaysAsync("a", Utc(2026, 1, 1), 20);
        await using IArchiveRun run = await Store.BeginArchiveAsync(new ArchiveScope(UsageFilter.All, Utc(2026, 2, 1), true), Cancel);
        StoredArchive archive = Archive(await ReadAsync(run));
        await Test.QueryAsync("UPDATE billing_usage_records SET invoice_id = 'i1' WHERE quantity = '3'");

        UsageException error = await Assert.ThrowsAsync<UsageException>(() => run.CompleteAsync(archive, Cancel));

        Assert.Equal("ArchiveOvertaken", error.ErrorId);
        Assert.StartsWith("1 record changed", error.Message, StringComparison.Ordinal);
        Assert.Equal("20", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
        await AssertConsistentAsync();
    }

    [Fact]
    public async Task Where_there_are_invoices_what_is_on_none_stays_unless_it_is_asked_for()
    {
        await WriteDaysAsync("a", Utc(2026, 1, 1), 20);
        await Test.QueryAsync("UPDATE billing_usage_records SET invoice_id = 'i1' WHERE quantity IN ('3', '4', '5')");
        var scope = new ArchiveScope(UsageFilter.All, Utc(2026, 2, 1), false);

        ArchivePlan plan = await Store.PlanArchiveAsync(scope, Cancel);
        Assert.Equal((3, 3, 17), (plan.Records, plan.Days, plan.Uninvoiced));
        Assert.InRange(plan.Bytes, 100, 1000);
        Assert.Equal(3, (await ArchiveAsync(path: "a.csv"))!.Records);
        Assert.Null(await ArchiveAsync(path: "b.csv"));
        Assert.Equal(17, (await ArchiveAsync(path: "c.csv", includeUninvoiced: true))!.Records);
        await AssertConsistentAsync();
    }

    [Fact]
    public async Task An_invoiced_record_that_was_undone_stays_until_its_correction_is_invoiced_too()
    {
        await WriteDaysAsync("a", Utc(2026, 1, 1), 3);
        await Test.QueryAsync("UPDATE billing_usage_records SET invoice_id = 'i1'");
        var undo = new RecordCorrection
        {
            Id = long.Parse(await Test.ScalarAsync("SELECT usage_id FROM billing_usage_records WHERE quantity = '2'"), CultureInfo.InvariantCulture),
            By = "me",
            Reason = "a typo",
        };
        Assert.Null((await Store.CorrectAsync([undo], Cancel))[0].Error);

        ArchivePlan plan = await Store.PlanArchiveAsync(new ArchiveScope(UsageFilter.All, Utc(2026, 6, 1), false), Cancel);
        Assert.Equal((2, 2), (plan.Records, plan.Uninvoiced));
        StoredArchive first = (await ArchiveAsync(path: "a.csv"))!;
        Assert.Equal(2, first.Records);
        await Test.QueryAsync("UPDATE billing_usage_records SET invoice_id = 'i2' WHERE invoice_id IS NULL");
        StoredArchive both = (await ArchiveAsync(path: "b.csv"))!;
        Assert.Equal(2, both.Records);
        await RestoreAsync(first);
        Assert.Equal("RecordNotFound", (await Store.CorrectAsync([undo], Cancel))[0].Error!.ErrorId);
        await RestoreAsync(both);

        Assert.Equal("AlreadyUndone", (await Store.CorrectAsync([undo], Cancel))[0].Error!.ErrorId);
        Assert.Equal("a api 2 4", await FiguresAsync());
        await AssertConsistentAsync();
    }

    [Fact]
    public async Task Records_of_other_programs_are_folded_in_first_so_that_no_report_loses_them()
    {
        await WriteDaysAsync("a", Utc(2026, 1, 1), 2);
        await Test.InsertAsync(Record("api", 40, Utc(2026, 1, 1), "a", """{"by":"others"}"""));

        StoredArchive archive = (await ArchiveAsync())!;

        Assert.Equal(3, archive.Records);
        Assert.Equal("a api 3 43", await FiguresAsync());
        await AssertConsistentAsync();
    }

    [Fact]
    public async Task Event_keys_survive()
    {
        UsageRecord record = Record("api", 1, Utc(2026, 1, 1), "a", key: "k");
        await Store.WriteAsync(record);
        StoredArchive archive = (await ArchiveAsync())!;

        ChunkOutcome again = await Store.WriteAsync(record);

        Assert.Equal((0, 1), (again.Committed, again.Duplicates));
        await RestoreAsync(archive);
        Assert.Equal("a api 1 1", await FiguresAsync());
        await AssertConsistentAsync();
    }

    [Fact]
    public async Task A_file_that_is_there_is_never_touched()
    {
        await WriteDaysAsync("a", Utc(2026, 1, 1), 2);
        File.WriteAllText(Path("a.csv"), "mine");
        File.WriteAllText(Path("b.csv.manifest.json"), "mine too");

        Assert.Equal("FileExists", (await Assert.ThrowsAsync<UsageException>(() => ArchiveAsync(path: "a.csv"))).ErrorId);
        Assert.Equal("FileExists", (await Assert.ThrowsAsync<UsageException>(() => ArchiveAsync(path: "b.csv"))).ErrorId);
        Assert.Equal("UnknownFormat", (await Assert.ThrowsAsync<UsageException>(() => ArchiveAsync(path: "c.xlsx"))).ErrorId);
        Assert.Equal("FolderNotFound", (await Assert.ThrowsAsync<UsageException>(() => ArchiveAsync(path: "no/c.csv"))).ErrorId);

        Assert.Equal("mine", File.ReadAllText(Path("a.csv")));
        Assert.Equal("mine too", File.ReadAllText(Path("b.csv.manifest.json")));
        Assert.Equal(2, _folder.GetFiles().Length);
        Assert.Equal("2", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_damaged_file_is_found_and_not_restored(string name)
    {
        await WriteDaysAsync("a", Utc(2026, 1, 1), 20);
        StoredArchive archive = (await ArchiveAsync(path: "a" + name))!;
        byte[] whole = File.ReadAllBytes(archive.Path);
        byte[][] damaged = [whole[..^1], [.. whole, (byte)'\n'], [.. whole[..200], (byte)(whole[200] ^ 1), .. whole[201..]], []];
        foreach (byte[] content in damaged)
        {
            File.WriteAllBytes(archive.Path, content);
            Assert.Equal("ArchiveDamaged", (await Assert.ThrowsAsync<UsageException>(() => ArchiveCheck.RunAsync(archive.Path, new ArchiveProgress(), Cancel))).ErrorId);
            Assert.Equal("ArchiveDamaged", (await Assert.ThrowsAsync<UsageException>(() => RestoreAsync(archive))).ErrorId);
        }

        Assert.Equal("0", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
        await AssertConsistentAsync();
        File.WriteAllBytes(archive.Path, whole);
        Assert.Equal(20, await RestoreAsync(archive));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_damaged_line_is_named_even_where_somebody_made_the_manifest_fit(string name)
    {
        if (name.EndsWith(".gz", StringComparison.Ordinal))
            return;

        await WriteDaysAsync("a", Utc(2026, 1, 1), 20);
        StoredArchive archive = (await ArchiveAsync(path: "a" + name))!;
        string content = File.ReadAllText(archive.Path);
        (string Old, string New, string Expected)[] cases =
        [
            ("2026-01-05T00:00:00Z", "2026-01-32T00:00:00Z", "line "),
            ("api", "apo", "do not add up"),
            (name == ".csv" ? ",2,0.0001," : "\"quantity\":2,", name == ".csv" ? ",2x,0.0001," : "\"quantity\":\"2\",", "line "),
            (name == ".csv" ? "usage_id,customer_id" : "\"customer_id\":", name == ".csv" ? "customer_id,usage_id" : "\"customer\":", "line 1"),
        ];
        foreach ((string old, string changed, string expected) in cases)
        {
            Assert.Contains(old, content, StringComparison.Ordinal);
            File.WriteAllText(archive.Path, content.Replace(old, changed, StringComparison.Ordinal));
            string manifest = ArchivePath.ManifestOf(archive.Path);
            File.WriteAllText(manifest, File.ReadAllText(manifest).Replace(
                ArchiveManifest.Read(archive.Path).Archive.Sha256,
                Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(archive.Path))).ToLowerInvariant(), StringComparison.Ordinal));

            UsageException error = await Assert.ThrowsAsync<UsageException>(() => ArchiveCheck.RunAsync(archive.Path, new ArchiveProgress(), Cancel));
            Assert.Equal("ArchiveDamaged", error.ErrorId);
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task It_comes_back_once_from_wherever_it_lies_and_also_without_its_manifest()
    {
        await WriteDaysAsync("a", Utc(2026, 1, 1), 20);
        StoredArchive archive = (await ArchiveAsync(path: "a.csv.gz"))!;
        string moved = Path("moved.csv.gz");
        File.Move(archive.Path, moved);

        StoredArchive found = await ArchiveRestore.FindAsync(Store, moved, new ArchiveProgress(), Cancel);
        Assert.Equal(20, await ArchiveRestore.RunAsync(Store, found, new ArchiveProgress(), Cancel));
        UsageException error = await Assert.ThrowsAsync<UsageException>(() => ArchiveRestore.RunAsync(Store, found, new ArchiveProgress(), Cancel));

        Assert.Equal("ArchiveRestored", error.ErrorId);
        Assert.NotNull((await Store.GetArchivesAsync(Cancel)).Single().RestoredAt);
        Assert.Equal("20", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
        await AssertConsistentAsync();
    }

    [Fact]
    public async Task Another_stores_archive_is_refused()
    {
        await WriteDaysAsync("a", Utc(2026, 1, 1), 2);
        StoredArchive archive = (await ArchiveAsync())!;
        await using TestStore other = await TestStore.CreateAsync(kind);

        UsageException error = await Assert.ThrowsAsync<UsageException>(() => ArchiveRestore.FindAsync(other.Store, archive.Path, new ArchiveProgress(), Cancel));

        Assert.Equal("ArchiveUnknown", error.ErrorId);
    }

    [Fact]
    public async Task What_belongs_to_a_customer_that_was_removed_stays_away()
    {
        await WriteDaysAsync("a", Utc(2026, 1, 1), 20);
        await WriteDaysAsync("b", Utc(2026, 1, 1), 10);
        StoredArchive archive = (await ArchiveAsync())!;
        await Store.RemoveCustomerAsync("a", Cancel);

        Assert.Equal(10, await RestoreAsync(archive));

        Assert.Equal("b api 10 55", await FiguresAsync());
        await AssertConsistentAsync();
    }

    [Fact]
    public async Task What_belongs_to_a_customer_that_nself_marks_as_deleted_comes_back_as_it_left()
    {
        await WriteDaysAsync("a", Utc(2026, 1, 1), 20);
        await Test.QueryAsync($"UPDATE billing_customers SET deleted_at = '{SqlTime(Utc(2026, 3, 1))}'");
        StoredArchive archive = (await ArchiveAsync())!;

        Assert.Equal(20, await RestoreAsync(archive));

        Assert.Equal("a api 20 210", await FiguresAsync());
        await AssertConsistentAsync();
    }

    [Fact]
    public async Task What_belonged_to_a_customer_that_was_removed_is_not_given_to_another_of_the_name()
    {
        await WriteDaysAsync("a", Utc(2026, 1, 1), 20);
        await WriteDaysAsync("b", Utc(2026, 1, 1), 10);
        StoredArchive archive = (await ArchiveAsync())!;
        await Store.RemoveCustomerAsync("a", Cancel);
        // In SQLite times are whole milliseconds.
        await Task.Delay(20, Cancel);
        await Store.WriteAsync(Record("api", 7, Utc(2026, 7, 1), "a"));

        Assert.Equal(10, await RestoreAsync(archive));

        Assert.Equal("a api 1 7; b api 10 55", await FiguresAsync());
        await AssertConsistentAsync();
    }

    [Fact]
    public async Task A_full_disk_leaves_no_file_and_every_record()
    {
        using TinyDisk? disk = TinyDisk.TryMount(out string reason);
        Assert.SkipWhen(disk is null, reason);
        await WriteDaysAsync("a", Utc(2026, 1, 1), 30);
        // As far as nothing, the file, the manifest.
        foreach (int room in (int[])[0, 4096])
        {
            disk.Fill(room);
            UsageException error = await Assert.ThrowsAsync<UsageException>(() => ArchiveAsync(path: System.IO.Path.Combine(disk.Path, "a.csv")));
            Assert.Equal("FileNotWritten", error.ErrorId);
            Assert.Contains("no record left the store", error.Message, StringComparison.Ordinal);
            disk.Free();
            Assert.Empty(Directory.GetFiles(disk.Path));
            Assert.Equal("30", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
            await AssertConsistentAsync();
        }
    }

    [Fact]
    public async Task Cancelled_at_any_point_it_is_done_or_not_begun()
    {
        await WriteDaysAsync("a", Utc(2026, 1, 1), 200);
        for (int i = 0; i < 20; i++)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            stop.CancelAfter(TimeSpan.FromMilliseconds(i * 3));
            string path = Path($"c{i}.csv");
            try
            {
                StoredArchive archive = (await RecordArchive.WriteAsync(
                    Store, new ArchiveScope(UsageFilter.All, Utc(2027, 1, 1), false), path, new ArchiveProgress(), stop.Token))!;
                Assert.Equal(200, archive.Records);
                Assert.Equal(200, await RestoreAsync(archive));
            }
            catch (OperationCanceledException)
            {
                Assert.Empty(_folder.GetFiles($"c{i}.*"));
            }

            Assert.Empty(_folder.GetFiles(".*"));
            Assert.Equal("200", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
            await AssertConsistentAsync();
        }
    }

    // The law: whatever is archived and restored in whatever order, all reports say the same, and all records are in one place.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Archives_and_restores_in_any_order_change_no_figure(int seed)
    {
        var random = new Random(seed);
        var archives = new List<StoredArchive>();
        decimal quantity = 0;
        int records = 0;
        for (int step = 0; step < 25; step++)
        {
            switch (random.Next(4))
            {
                case 0 or 1:
                    UsageRecord[] more = [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => Record(
                        random.Next(2) == 0 ? "api" : "storage", random.Next(1, 1000) / 8m, Utc(2026, 1, 1).AddMinutes(random.Next(60 * 24 * 90)), "c" + random.Next(3)))];
                    await Store.WriteAsync(more);
                    quantity += more.Sum(r => r.Quantity);
                    records += more.Length;
                    break;
                case 2:
                    var filter = new UsageFilter(random.Next(2) == 0 ? null : ["c0", "c2"], random.Next(2) == 0 ? null : ["api"]);
                    if (await ArchiveAsync(filter, Utc(2026, 1, 1).AddMinutes(15 * random.Next(4 * 24 * 90)), $"r{step}.ndjson") is { } archive)
                        archives.Add(archive);
                    break;
                case 3 when archives.Count > 0:
                    StoredArchive old = archives[random.Next(archives.Count)];
                    archives.Remove(old);
                    Assert.Equal(old.Records, await RestoreAsync(old));
                    break;
            }

            IReadOnlyList<PeriodFigures> figures = await Store.SumBucketsAsync(UsageFilter.All, [Utc(2020, 1, 1), Utc(2030, 1, 1)], FigureParts.All, Cancel);
            Assert.Equal(quantity, figures.Sum(f => f.Figures.Quantity.ToReported()));
            Assert.Equal(records, figures.Sum(f => f.Figures.Events));
            Assert.Equal(records - archives.Sum(a => a.Records), long.Parse(await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"), CultureInfo.InvariantCulture));
            await AssertConsistentAsync();
        }
    }

    protected async Task<StoredArchive?> ArchiveAsync(
        UsageFilter? filter = null, DateTimeOffset? before = null, string path = "archive.csv", bool includeUninvoiced = false) => await RecordArchive.WriteAsync(
            Store, new ArchiveScope(filter ?? UsageFilter.All, before ?? Utc(2026, 6, 1), includeUninvoiced), Path(path), new ArchiveProgress(), Cancel);

    protected async Task<long> RestoreAsync(StoredArchive archive) => await ArchiveRestore.RunAsync(
        Store, await ArchiveRestore.FindAsync(Store, archive.Path, new ArchiveProgress(), Cancel), new ArchiveProgress(), Cancel);

    /// <summary>A record a day at midnight, of 1, 2, 3 and so on.</summary>
    protected Task WriteDaysAsync(string customer, DateTimeOffset first, int days) =>
        Store.WriteAsync([.. Enumerable.Range(0, days).Select(i => Record("api", i + 1, first.AddDays(i), customer))]);

    /// <summary>Buckets agree with records, and the queues with both.</summary>
    protected async Task AssertConsistentAsync()
    {
        Assert.Empty(await Store.CompareBucketsAsync(UsageFilter.All, TimeRange.Everything, Cancel));
        QueueBalance balance = await Store.CompareQueuesAsync(Cancel);
        Assert.Equal(balance.Expected, balance.Records);
    }

    private static async Task<List<ArchivedRecord>> ReadAsync(IArchiveRun run)
    {
        var records = new List<ArchivedRecord>();
        await foreach (IReadOnlyList<ArchivedRecord> page in run.ReadAsync(Cancel))
            records.AddRange(page);

        return records;
    }

    private static StoredArchive Archive(List<ArchivedRecord> records) => new()
    {
        Id = Guid.NewGuid(),
        Path = "/nowhere.csv",
        CustomerIds = ["a"],
        Records = records.Count,
        Start = records[0].RecordedAt,
        End = Utc(2026, 2, 1),
        Sha256 = "00",
    };

    private string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);

    private async Task<string> FiguresAsync() => string.Join("; ", (await Store.SumBucketsAsync(UsageFilter.All, [Utc(2020, 1, 1), Utc(2030, 1, 1)], FigureParts.All, Cancel))
        .OrderBy(f => f.CustomerId, StringComparer.Ordinal).ThenBy(f => f.Service, StringComparer.Ordinal)
        .Select(f => FormattableString.Invariant($"{f.CustomerId} {f.Service} {f.Figures.Events} {f.Figures.Quantity}")));

    /// <summary>Records with all that a column may hold, and one of later, which stays.</summary>
    private async Task WriteEverythingAsync()
    {
        await Store.WriteAsync(
            Record("api", 1, Utc(2026, 1, 1), "a", """{"text":"a \"quoted\", 'b'; c:d\nline ü 😀","n":[1,2.50,null]}""", key: "k,\"1\""),
            Record("storage", 0.000000000000000001m, Utc(2026, 1, 1, 0, 14).AddTicks(599999990), "a", unitCost: 0.1234567891m),
            Record("compute", 1234567890.123456789012345678m, Utc(2026, 2, 1), "b, \"c\"", key: "\\N"),
            Record("api", 3, Utc(2026, 12, 1), "a", key: "live"));
        string corrected = await Test.InsertAsync(Record("api", 5, Utc(2026, 1, 1, 0, 3), "a", unitCost: 2), "true");
        string correction = await Test.InsertAsync(Record("api", 5, Utc(2026, 1, 1, 0, 3), "a", unitCost: 2), "true", corrected);
        await Test.QueryAsync($"UPDATE billing_usage_records SET quantity = '-5', corrected_by = '', correction_reason = '\\ \"why\",\nnot' WHERE usage_id = {correction}");
        string bare = await Test.InsertAsync(Record("api", 7, Utc(2026, 1, 2), "a"), "true");
        await Test.QueryAsync($"UPDATE billing_usage_records SET unit_cost = NULL, metadata = NULL, invoice_id = 'inv \\ 1' WHERE usage_id = {bare}");
        // Now every one is on an invoice, or none would be archived.
        await Test.QueryAsync("UPDATE billing_usage_records SET invoice_id = '' WHERE invoice_id IS NULL");
        await Test.QueryAsync("UPDATE usage_ledger SET records = records + 3 WHERE entry = 'opening'");
        await Store.UpdateSummaryAsync(UsageFilter.All, TimeRange.Everything, Cancel);
    }
}
