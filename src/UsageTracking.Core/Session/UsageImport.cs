using System.Diagnostics;
using System.Text;
using UsageTracking.Files.Import;
using UsageTracking.Metering;
using UsageTracking.Queue;

namespace UsageTracking.Session;

/// <summary>Reads files of records into the queue; a bad line costs no other.</summary>
public sealed class UsageImport : IDisposable
{
    // Milliseconds.
    private const int ProgressDelay = 1000;
    private const int ProgressInterval = 250;

    private readonly StoreConnection _connection;
    private readonly ImportRules _rules;
    private readonly RejectFile? _rejects;
    private readonly QueueWriter _writer;
    private readonly CancellationToken _cancel;

    /// <summary>Begins an import.</summary>
    /// <param name="connection">The store whose queue takes the records.</param>
    /// <param name="rules">How they are read.</param>
    /// <param name="rejects">Where bad lines are kept.</param>
    /// <param name="cancel">Ends it. What was added by then stays.</param>
    public UsageImport(StoreConnection connection, ImportRules rules, RejectFile? rejects, CancellationToken cancel)
    {
        _connection = connection;
        _rules = rules;
        _rejects = rejects;
        _cancel = cancel;
        _writer = connection.Queue.OpenWriter(cancel);
    }

    /// <summary>Called with what is wrong with a line; its target is the line.</summary>
    public required Action<UsageException> OnBadLine { get; init; }

    /// <summary>Called several times a second for what takes longer than one.</summary>
    public required Action<ImportProgress> OnProgress { get; init; }

    /// <summary>Checks every line of a file, and adds nothing.</summary>
    /// <exception cref="UsageException">The file cannot be read at all.</exception>
    public ImportCount Check(string path, ImportFormat format) => Read(path, format, null);

    /// <summary>Adds the records of a file. They are safe when this returns.</summary>
    /// <exception cref="UsageException">The file cannot be read at all, or the queue takes no more.</exception>
    public ImportCount Add(string path, ImportFormat format)
    {
        long dropped = _writer.Dropped;
        ImportCount count = Read(path, format, Add);
        _writer.Write(_cancel);
        dropped = _writer.Dropped - dropped;
        return count with { Records = count.Records - dropped, Dropped = dropped };
    }

    /// <summary>Reads a text of the original's form.</summary>
    /// <param name="text">The text.</param>
    /// <param name="number">Which of the texts it is.</param>
    /// <returns>Null where it is bad.</returns>
    public UsageRecord? Check(string text, long number)
    {
        _cancel.ThrowIfCancellationRequested();
        try
        {
            var input = new RecordInput();
            RecordText.Put(input, text);
            return Check(input, _rules.Zone ?? _rules.DefaultZone);
        }
        catch (UsageException error)
        {
            _rejects?.Add(Encoding.UTF8.GetBytes(text), default);
            OnBadLine(About(error, FormattableString.Invariant($"text {number}"), text));
            return null;
        }
    }

    /// <summary>Adds a record.</summary>
    /// <exception cref="UsageException">The queue takes no more.</exception>
    public void Add(UsageRecord record) => _writer.Add(record, _cancel);

    /// <summary>Makes everything that was added as safe as the queue's settings say, and puts the bad lines in their place.</summary>
    /// <exception cref="UsageException">The queue takes no more, or the file of bad lines cannot be written.</exception>
    /// <returns>Records that a full queue dropped, over all.</returns>
    public long Complete()
    {
        _writer.Complete(_cancel);
        _rejects?.Complete();
        return _writer.Dropped;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _writer.Dispose();
        _rejects?.Dispose();
    }

    private static UsageException About(UsageException error, string where, string line) =>
        new(error.Kind, error.ErrorId, $"{where}: {error.Message}", line, error);

    private ImportCount Read(string path, ImportFormat format, Action<UsageRecord>? take)
    {
        long started = Stopwatch.GetTimestamp();
        long records = 0, rejected = 0;
        try
        {
            using RowReader rows = RowReader.Open(path, format, _rules.Map);
            _rejects?.CheckHeader(rows.Header);
            long nextProgress = Environment.TickCount64 + ProgressDelay;
            while (rows.Read())
            {
                _cancel.ThrowIfCancellationRequested();
                if (Check(path, rows) is { } record)
                {
                    take?.Invoke(record);
                    records++;
                }
                else
                {
                    rejected++;
                }

                if (Environment.TickCount64 >= nextProgress)
                {
                    OnProgress(new ImportProgress(path, records + rejected, rows.Position, rows.Length, take is null));
                    nextProgress = Environment.TickCount64 + ProgressInterval;
                }
            }
        }
        catch (UsageException error) when (error.ErrorId == "InvalidFile")
        {
            // What was read by then is as good as ever; the rest of the file is one bad line.
            rejected++;
            OnBadLine(About(error, Path.GetFileName(path), path));
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            rejected++;
            OnBadLine(SourceFile.NotRead(path, error));
        }

        return new ImportCount(records, rejected, 0, Stopwatch.GetElapsedTime(started));
    }

    private UsageRecord? Check(string path, RowReader rows)
    {
        try
        {
            var input = new RecordInput();
            rows.Put(input);
            _rules.Compute?.Invoke(rows, input);
            return Check(input, _rules.Zone ?? (rows.IsExport ? TimeZoneInfo.Utc : _rules.DefaultZone));
        }
        catch (UsageException error)
        {
            _rejects?.Add(rows.RawForRejects, rows.Header);
            OnBadLine(About(error, FormattableString.Invariant($"{Path.GetFileName(path)}:{rows.Line}"), Encoding.UTF8.GetString(rows.Raw)));
            return null;
        }
    }

    private UsageRecord Check(RecordInput input, TimeZoneInfo zone)
    {
        input.CustomerId = _rules.CustomerId ?? input.CustomerId ?? _rules.DefaultCustomerId;
        input.Service = _rules.Service ?? input.Service;
        UsageRecord record = input.Check(zone, DateTimeOffset.UtcNow);
        return _connection.Catalogue is { } catalogue ? catalogue.Resolve(record) : record;
    }
}
