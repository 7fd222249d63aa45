using System.Diagnostics;
using UsageTracking.Metering;

namespace UsageTracking.Queue.Spools;

/// <summary>
/// Records wait in files of this process, and survive it: the spool of a process that ended is taken over by another.
/// Only its owner appends, only at the end; what is stored is deleted, segment by segment.
/// </summary>
public sealed class SpoolLog : IRecordLog
{
    private const int LargestSegment = 8 * 1024 * 1024;
    private const int SpentSegment = 1024 * 1024;

    // With the time a disk takes, what is written is safe within 250 ms.
    private static readonly TimeSpan SyncDelay = TimeSpan.FromMilliseconds(200);

    private readonly object _gate = new();
    private readonly object _syncing = new();
    // Taken before the gate: a folder does not go while files in it do.
    private readonly object _tidying = new();
    private readonly SpoolFolder _folder;
    private readonly List<Segment> _segments = [];
    private readonly SpoolReader _reader = new();
    private readonly Timer _syncTimer;
    private SpoolHome? _home;
    private SpoolProgress _progress = new(null, 0, null);
    private byte[] _frame = new byte[4096];
    private long _appended;
    private long _stored;
    private long? _waitingSince;
    private volatile bool _wantsSync;
    private bool _isFolderUnsynced;
    private bool _isSyncDue;
    private UsageException? _syncFailure;

    // A write found no room: what is stored is given back at once, however little.
    private bool _isCramped;
    private bool _keepsHome;

    internal SpoolLog(SpoolFolder folder)
    {
        _folder = folder;
        _syncTimer = new Timer(_ => SyncInTime());
    }

    /// <summary>Takes over a spool whose owner is gone.</summary>
    internal SpoolLog(SpoolFolder folder, SpoolHome home)
        : this(folder)
    {
        _home = home;
        IsAdopted = true;
        _progress = SpoolProgress.Read(home.Folder);
        SpoolId = _progress.SentAs ?? home.SpoolId;
        _segments.AddRange(Segment.Find(home.Folder).Where(s => s.Length > 0));
        if (_segments.Count == 0)
            return;

        (_appended, bool isTailDamaged) = SpoolReader.LastRow(_segments[^1]);
        if (isTailDamaged)
        {
            _segments[^1].IsDamaged = true;
            TailDamage = new RowRange(_appended + 1, null, _segments[^1].FilePath);
        }

        _stored = Math.Clamp(_progress.Stored, Math.Min(_segments[0].FirstRow - 1, _appended), _appended);
        _waitingSince = 0;
    }

    /// <inheritdoc/>
    public Guid SpoolId { get; private set; } = Guid.NewGuid();

    /// <inheritdoc/>
    public Guid? StoreId => _progress.StoreId;

    /// <inheritdoc/>
    public long Appended => Interlocked.Read(ref _appended);

    /// <inheritdoc/>
    public long Stored => Interlocked.Read(ref _stored);

    /// <summary>Whether another process wrote it.</summary>
    public bool IsAdopted { get; }

    /// <summary>What is left of records at the very end that were there and cannot be read, not even how many they were.</summary>
    internal RowRange? TailDamage { get; }

    /// <inheritdoc/>
    public DateTimeOffset? OldestWaiting => Stored == Appended ? null : SpoolReader.OldestWaiting(Snapshot(), Stored);

    /// <inheritdoc/>
    public TimeSpan Waited
    {
        get
        {
            lock (_gate)
                return _waitingSince is { } since ? Stopwatch.GetElapsedTime(since) : TimeSpan.Zero;
        }
    }

    /// <summary>How it stands.</summary>
    public SpoolStatus Status
    {
        get
        {
            // It is being read and deleted meanwhile: what can be counted is counted first.
            SpoolHome? home = _home;
            (SpoolIdentity? identity, long bytes) = (home is null ? null : SpoolIdentity.Read(home.Folder), Snapshot().Sum(s => s.Length));
            return new SpoolStatus(
                _folder.Store, SpoolId, identity?.Owner ?? Environment.ProcessId, identity?.Machine ?? Environment.MachineName, !IsAdopted,
                this.Waiting(), bytes, OldestOrNull(), _progress.LastError, home?.Folder);
        }
    }

    /// <inheritdoc/>
    public bool IsFull(QueueSettings settings)
    {
        lock (_gate)
            return !HasRoom(settings);
    }

    /// <inheritdoc/>
    public bool Append(IReadOnlyList<UsageRecord> records, QueueSettings settings, CancellationToken cancel)
    {
        lock (_gate)
        {
            if (!Room.Wait(_gate, () => HasRoom(settings), settings, records.Count, () => _appended - _stored, cancel))
                return false;

            Write(records, settings);
            _wantsSync |= settings.Durability != Durability.Process;
            if (settings.Durability == Durability.Machine && !_isSyncDue)
            {
                _isSyncDue = true;
                _syncTimer.Change(SyncDelay, Timeout.InfiniteTimeSpan);
            }
        }

        if (settings.Durability == Durability.Strict)
            Sync();

        // What went wrong in the background is told to whoever adds next.
        if (Interlocked.Exchange(ref _syncFailure, null) is { } failure)
            throw failure;

        return true;
    }

    /// <inheritdoc/>
    public void Sync()
    {
        // One after the other: who finds nothing to do has waited for the one that did it.
        lock (_syncing)
        {
            Segment? segment;
            bool isNew;
            lock (_gate)
            {
                segment = _segments.LastOrDefault();
                isNew = _isFolderUnsynced;
                _isFolderUnsynced = false;
            }

            if (!_wantsSync || segment is null || (segment.IsSynced && !isNew))
                return;

            try
            {
                segment.Sync();
                if (isNew)
                    SyncFolders(Path.GetDirectoryName(segment.FilePath)!);
            }
            catch (ObjectDisposedException)
            {
                // Meanwhile it was full, and synced before it was closed, or everything in it is stored.
            }
            catch (IOException cause)
            {
                _isFolderUnsynced |= isNew;
                throw NotWritable("The last records are added, but may not survive a power cut", cause);
            }
        }
    }

    /// <inheritdoc/>
    public LogSlice Peek(int most)
    {
        IReadOnlyList<(Segment, long)> segments;
        long appended;
        lock (_gate)
            (segments, appended) = (Snapshot(), _appended);

        return _reader.Read(segments, _stored, appended, most);
    }

    /// <inheritdoc/>
    public void ReadAhead(int most)
    {
        try
        {
            _reader.ReadAhead(Snapshot(), most);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Whoever peeks next meets it.
        }
    }

    /// <inheritdoc/>
    public LogSlice Copy()
    {
        IReadOnlyList<(Segment, long)> segments;
        long appended;
        long stored;
        lock (_gate)
            (segments, appended, stored) = (Snapshot(), _appended, _stored);

        // A reader of its own: the sender's has a place in the files.
        using var reader = new SpoolReader();
        var records = new List<UsageRecord>();
        var damaged = new List<RowRange>();
        long at = stored;
        while (at < appended)
        {
            LogSlice slice = reader.Read(segments, at, appended, int.MaxValue);
            records.AddRange(slice.Records);
            damaged.AddRange(slice.Damaged);
            reader.Forget(at = slice.From + slice.Records.Count);
        }

        return new LogSlice(at - records.Count, records, damaged);
    }

    /// <inheritdoc/>
    public void MarkStored(long position)
    {
        lock (_gate)
        {
            Interlocked.Exchange(ref _stored, Math.Min(position, _appended));
            _reader.Forget(position);
            if (_stored == _appended)
                _waitingSince = null;

            while (_isCramped && IsFirstSpent())
                RemoveFirst();

            Monitor.PulseAll(_gate);
        }

        Note(p => p with { Stored = Stored }, sync: false);
    }

    /// <inheritdoc/>
    public void Tidy()
    {
        lock (_tidying)
        {
            while (TakeSpent() is { } segment)
                Delete(segment);
        }
    }

    /// <inheritdoc/>
    public void Rewind(long position)
    {
        lock (_gate)
        {
            long first = _segments.Count > 0 ? _segments[0].FirstRow : _appended + 1;
            Interlocked.Exchange(ref _stored, Math.Clamp(position, Math.Min(first - 1, _stored), _stored));
            _waitingSince ??= Stopwatch.GetTimestamp();
            _reader.Rewind();
        }
    }

    /// <inheritdoc/>
    public void Bind(Guid storeId) => Note(p => p with { StoreId = storeId }, sync: true);

    /// <inheritdoc/>
    public void Rename()
    {
        lock (_gate)
            SpoolId = Guid.NewGuid();

        // The folder keeps its name.
        Note(p => p with { SentAs = SpoolId }, sync: true);
    }

    /// <inheritdoc/>
    public void NoteError(string? message)
    {
        if (message != _progress.LastError)
            Note(p => p with { LastError = message }, sync: false);
    }

    /// <inheritdoc/>
    public long Reset(bool discard)
    {
        lock (_tidying)
        {
            lock (_gate)
            {
                long waiting = _appended - _stored;
                if (waiting > 0 && !discard)
                    return 0;

                _segments.ForEach(s => s.Dispose());
                _segments.Clear();
                _reader.Rewind();
                RemoveHome();
                _home = null;
                _progress = new SpoolProgress(null, 0, null);
                _appended = _stored = 0;
                _waitingSince = null;
                SpoolId = Guid.NewGuid();
                Monitor.PulseAll(_gate);
                return waiting;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _syncTimer.Dispose();
        if (Stored < Appended)
            SyncInTime();

        lock (_tidying)
        {
            lock (_gate)
            {
                if (_stored == _appended)
                {
                    while (_segments.Count > 0)
                        RemoveFirst();

                    RemoveHome();
                }

                _segments.ForEach(s => s.Dispose());
                _reader.Dispose();
                _home?.Dispose();
                _home = null;
            }
        }
    }

    private void Write(IReadOnlyList<UsageRecord> records, QueueSettings settings)
    {
        int length = Encode(records);
        try
        {
            WriteFrame(length, settings);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            _isCramped = true;
            if (_stored < _appended || _segments.Count == 0 || !TryAgain(length, settings))
                throw NotWritable($"{Wording.Count(records.Count, "record")} not added", cause);
        }

        _isCramped = false;
        Interlocked.Add(ref _appended, records.Count);
        _waitingSince ??= Stopwatch.GetTimestamp();
    }

    private void WriteFrame(int length, QueueSettings settings)
    {
        Segment segment = SegmentFor(length, settings);
        ProtocolStep.Pass("frame");
        segment.Append(_frame.AsSpan(0, length));
        ProtocolStep.Pass("frame done");
    }

    /// <summary>Writes where the records that are stored were.</summary>
    private bool TryAgain(int length, QueueSettings settings)
    {
        // Nothing waits, so nobody reads either.
        while (_segments.Count > 0)
            RemoveFirst();

        try
        {
            WriteFrame(length, settings);
            return true;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private int Encode(IReadOnlyList<UsageRecord> records)
    {
        int at = FrameHeader.Size;
        for (int i = 0; i < records.Count; i++)
        {
            int needed = at + RecordCodec.LargestSize(records[i]);
            if (needed > _frame.Length)
                Array.Resize(ref _frame, Math.Max(needed, 2 * _frame.Length));

            at += RecordCodec.Write(records[i], _frame.AsSpan(at));
        }

        int length = at - FrameHeader.Size;
        new FrameHeader(_appended + 1, records.Count, DateTimeOffset.UtcNow, length, Crc32C.Of(_frame.AsSpan(FrameHeader.Size, length))).Write(_frame);
        return at;
    }

    private Segment SegmentFor(int length, QueueSettings settings)
    {
        Segment? last = _segments.LastOrDefault();
        if (last is { IsOpen: true } && (last.Length == 0 || last.Length + length <= Math.Min(LargestSegment, settings.Limit / 4)))
            return last;

        if (_home is null)
        {
            _home = _folder.CreateHome();
            SpoolId = _home.SpoolId;
        }

        if (_wantsSync)
            last?.Sync();

        _segments.Add(Segment.Create(_home.Folder, _appended + 1));
        last?.Dispose();
        _isFolderUnsynced = true;
        return _segments[^1];
    }

    private static void SyncFolders(string spool)
    {
        FolderSync.Flush(spool);
        FolderSync.Flush(Path.GetDirectoryName(spool)!);
        FolderSync.Flush(Path.GetDirectoryName(Path.GetDirectoryName(spool))!);
    }

    private void SyncInTime()
    {
        lock (_gate)
            _isSyncDue = false;

        try
        {
            Sync();
        }
        catch (UsageException error)
        {
            _syncFailure = error;
        }
        catch (Exception unexpected)
        {
            // On a timer's thread it would end the process.
            _syncFailure = NotWritable("The last records are added, but may not survive a power cut", unexpected);
        }
    }

    // A spool ends with its newest segment; one that is spent is not worth a new file for every few records.
    private bool IsFirstSpent() => _segments.Count > 1
        ? _segments[1].FirstRow <= _stored + 1
        : _segments.Count > 0 && _stored == _appended && (_isCramped || _segments[0].Length >= SpentSegment);

    // What is taken is deleted outside the gate, so that whoever appends does not wait for it.
    private Segment? TakeSpent()
    {
        lock (_gate)
        {
            if (!IsFirstSpent())
                return null;

            Monitor.PulseAll(_gate);
            return TakeFirst();
        }
    }

    private void RemoveFirst() => Delete(TakeFirst());

    private Segment TakeFirst()
    {
        Segment segment = _segments[0];
        segment.Dispose();
        _reader.Close(segment);
        _segments.RemoveAt(0);
        return segment;
    }

    private void Delete(Segment segment)
    {
        ProtocolStep.Pass("unlink");
        try
        {
            if (segment.IsDamaged)
                _folder.KeepDamaged(segment.FilePath, SpoolId);
            else
                File.Delete(segment.FilePath);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Its records are stored: whoever takes the spool over finds that out and tries again.
            _keepsHome = true;
        }

        ProtocolStep.Pass("unlink done");
    }

    private void RemoveHome()
    {
        try
        {
            if (_keepsHome)
                _home?.Dispose();
            else
                _home?.Remove();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _home!.Dispose();
        }
    }

    private void Note(Func<SpoolProgress, SpoolProgress> change, bool sync)
    {
        SpoolProgress progress;
        SpoolHome? home;
        lock (_gate)
            (progress, home) = (_progress = change(_progress), _home);

        try
        {
            if (home is not null)
                progress.Write(home.Folder, sync);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A full disk must not keep records from being stored, which is what makes room.
        }
    }

    private List<(Segment Segment, long Length)> Snapshot()
    {
        lock (_gate)
            return [.. _segments.Select(s => (s, s.Length))];
    }

    // A frame may be larger than a small limit: what is stored already does not count.
    private bool HasRoom(QueueSettings settings) => _stored == _appended || _segments.Sum(s => s.Length) < settings.Limit;

    private DateTimeOffset? OldestOrNull()
    {
        try
        {
            return OldestWaiting;
        }
        catch (IOException)
        {
            // The drain deleted the segment: nothing in it waits any more.
            return null;
        }
    }

    private UsageException NotWritable(string what, Exception cause) => new(
        UsageErrorKind.LimitReached, "SpoolNotWritable",
        $"{what}: the queue's folder {_folder.FolderPath} cannot be written: {cause.Message.TrimEnd('.')}. What was added before is safe. Make room there, or name another folder in the environment variable USAGE_SPOOL and start a new session.",
        _folder.FolderPath, cause);
}
