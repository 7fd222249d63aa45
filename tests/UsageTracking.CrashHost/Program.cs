using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using UsageTracking;
using UsageTracking.Copies;
using UsageTracking.Files.Archives;
using UsageTracking.Files.Export;
using UsageTracking.Metering;
using UsageTracking.Queue;
using UsageTracking.Queue.Spools;
using UsageTracking.Session;
using UsageTracking.Stores;
using UsageTracking.Time;

// What it is told, as name=value:
//   store, spools          where to store, and where records wait
//   do                     write (until killed, or as many records as said), pace (bursts, until told to stop),
//                          drain (store what is there), hold (lock the SQLite file until told to let go),
//                          export (everything into a file, again and again, until killed),
//                          copy (the store into another one),
//                          archive (everything into a file, and back into the store, again and again, until killed)
//   run, records, seed     what its records are called, how many there are, how they are spread over pipelines
//   batch, timeout, limit, chunk  settings of the queue
//   step, nth              kill yourself at this point of the protocol, the nth time
//   to                     the store to copy into
//   into, first, replace   the folder for exports or archives, the format to begin with, and whether (1) they replace what is there
//   wait                   anything: begin when told to
// What it says, a line each: ready; a N (the first N records are safe); b N MICROSECONDS (a burst was added, up to record N);
// s STEP (a point of the protocol was passed); k STEP (this is where it dies); lost TEXT; flushed N, or failed TEXT, at the end;
// w NAME (an export or archive into this file begins); f NAME (it is finished); r NAME (it is restored); g NAME (that is finished).
Dictionary<string, string> told = args.Select(a => a.Split('=', 2)).ToDictionary(a => a[0], a => a[1]);
using Stream output = Console.OpenStandardOutput();
using var commands = new System.Collections.Concurrent.BlockingCollection<string>();
string run = Told("run", "r");
string step = Told("step", "");
int nth = Number("nth", 1);
int steps = 0;
ProtocolStep.Passed = Pass;
new Thread(Listen) { IsBackground = true }.Start();

if (Told("do", "write") == "hold")
{
    Hold();
    return;
}

await using IUsageStore store = StoreLocator.FromText(told["store"]);
if (Told("do", "write") is "export" or "archive")
{
    await (Told("do", "") == "export" ? ExportAsync() : ArchiveAsync());
    return;
}

if (Told("do", "write") == "copy")
{
    CopyPages.MostRows = Number("page", CopyPages.MostRows);
    await using IUsageStore to = StoreLocator.FromText(told["to"]);
    CopyOutcome outcome = await StoreCopy.RunAsync(store, to, new CopyProgress(), CancellationToken.None);
    Say($"copied {outcome.Records} {outcome.IsComplete}");
    return;
}

var settings = new QueueSettings(Number("batch", 20), TimeSpan.FromMilliseconds(Number("timeout", 20)), true) { Limit = Number("limit", 1 << 30), ChunkSize = Number("chunk", 25_000), ChunksAtOnce = 4 };
await using var queue = new UsageQueue(store, settings, new SpoolFolder(told["spools"], store.Address));
queue.Lost += (_, what) => Say($"lost {what}");
if (told.ContainsKey("wait"))
{
    Say("ready");
    commands.Take();
}

if (Told("do", "write") == "drain")
{
    await FlushAsync();
    return;
}

queue.AdoptOrphans();
if (Told("do", "write") == "pace")
    Pace();
else
    Write();

await FlushAsync();

string Told(string name, string otherwise) => told.GetValueOrDefault(name, otherwise);

int Number(string name, int otherwise) => told.TryGetValue(name, out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

// One write per line: lines of several threads do not mix, and what was said is with the listener whatever happens next.
void Say(string line) => output.Write(Encoding.UTF8.GetBytes(line + "\n"));

void Pass(string name)
{
    if (name is "position" or "rows" or "commit done")
        Say($"s {name}");

    if (name == step && Interlocked.Increment(ref steps) == nth)
    {
        Say($"k {name}");
        Process.GetCurrentProcess().Kill();
    }
}

// The end of the input is the end of the listener, and nothing is to outlive that.
void Listen()
{
    while (Console.In.ReadLine() is { } line)
        commands.Add(line);

    Environment.Exit(3);
}

UsageRecord Record(int number) => new()
{
    CustomerId = $"c{number % 3}",
    Service = "api",
    Quantity = 1,
    Timestamp = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(number % 1000),
    HasOwnTimestamp = true,
    Metadata = Metadata.Parse($$"""{"n":"{{run}}-{{number}}"}"""),
};

// One by one and as pipelines, in turn.
void Write()
{
    int most = Number("records", int.MaxValue);
    var random = new Random(Number("seed", 1));
    int added = 0;
    while (added < most)
    {
        for (int i = 0; i < 5 && added < most; i++)
        {
            queue.Add(Record(++added));
            Say($"a {added}");
        }

        using QueueWriter writer = queue.OpenWriter();
        for (int i = random.Next(40); i > 0 && added < most; i--)
            writer.Add(Record(++added), CancellationToken.None);

        writer.Write(CancellationToken.None);
        Say($"a {added}");
        for (int i = random.Next(10); i > 0 && added < most; i--)
            writer.Add(Record(++added), CancellationToken.None);

        writer.Complete(CancellationToken.None);
        Say($"a {added}");
        Thread.Sleep(4);
    }
}

// Bursts, one by one, and how long adding them took.
void Pace()
{
    const int burst = 200;
    var records = new UsageRecord[burst];
    for (int added = 0; commands.Count == 0; Thread.Sleep(10))
    {
        for (int i = 0; i < burst; i++)
            records[i] = Record(added + i + 1);

        long started = Stopwatch.GetTimestamp();
        foreach (UsageRecord record in records)
            queue.Add(record);

        added += burst;
        Say(string.Create(CultureInfo.InvariantCulture, $"b {added} {Stopwatch.GetElapsedTime(started).TotalMicroseconds:0}"));
        Say($"a {added}");
    }
}

async Task FlushAsync()
{
    FlushResult result = await queue.FlushAsync(TimeSpan.FromSeconds(60));
    Say(result.Error is null ? $"flushed {result.Committed}" : $"failed {result.Error.Message}");
}

// Of each format in turn; there is no moment between two exports at which a kill would say nothing.
async Task ExportAsync()
{
    bool replace = Number("replace", 0) == 1;
    ExportFormat[] formats = Enum.GetValues<ExportFormat>();
    for (int i = Number("first", 0); ; i++)
    {
        ExportFormat format = formats[i % formats.Length];
        var request = new ExportRequest { Format = format, Filter = UsageFilter.All, Range = TimeRange.Everything, Full = true };
        string path = Path.Combine(told["into"], $"usage.{format}");
        Say($"w {format}");
        if (!replace)
            File.Delete(path);

        await RecordExport.WriteAsync(store, request, path, replace, new ExportProgress(), CancellationToken.None);
        Say($"f {format}");
    }
}

async Task ArchiveAsync()
{
    string[] extensions = [".csv", ".csv.gz", ".ndjson", ".ndjson.gz"];
    var scope = new ArchiveScope(UsageFilter.All, new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), false);
    for (int i = Number("first", 0); ; i++)
    {
        string path = Path.Combine(told["into"], $"{i}{extensions[i % extensions.Length]}");
        Say($"w {path}");
        StoredArchive? archive = await RecordArchive.WriteAsync(store, scope, path, new ArchiveProgress(), CancellationToken.None);
        Say($"f {path}");
        Say($"r {path}");
        await ArchiveRestore.RunAsync(store, archive!, new ArchiveProgress(), CancellationToken.None);
        Say($"g {path}");
    }
}

void Hold()
{
    using var connection = new SqliteConnection($"Data Source={told["store"]};Pooling=False");
    connection.Open();
    using SqliteCommand command = connection.CreateCommand();
    command.CommandText = "BEGIN EXCLUSIVE";
    command.ExecuteNonQuery();
    Say("ready");
    commands.Take();
    command.CommandText = "ROLLBACK";
    command.ExecuteNonQuery();
}
