using System.Collections;
using System.Diagnostics;
using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Files.Import;
using UsageTracking.Metering;
using UsageTracking.Session;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsData.Import, "UsageRecord", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(UsageImportInfo))]
public sealed class ImportUsageRecordCommand : UsageCmdlet
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";
    private const string TextSet = "Text";

    // With -AllOrNothing, what was checked and is still to be added.
    private readonly List<CheckedFile> _files = [];
    private readonly List<UsageRecord> _texts = [];
    private readonly ProgressRecord _progress = new(1, "Importing usage", "starting");
    private readonly Stopwatch _textTime = new();
    private UsageImport _import = null!;
    private string? _rejectPath;
    private bool? _isTextWanted;
    private long _textCount;
    private long _badTexts;
    private long _bad;

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = TextSet)]
    [AllowEmptyCollection]
    public string[] InputObject { get; set; } = [];

    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public ImportFormat? Format { get; set; }

    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [ValidateNotNull]
    public IDictionary? Map { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ServiceCompleter))]
    public string? Service { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(CustomerCompleter))]
    public string? CustomerId { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TimeZoneCompleter))]
    public string? TimeZone { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? RejectPath { get; set; }

    [Parameter]
    public SwitchParameter AllOrNothing { get; set; }

    /// <inheritdoc/>
    protected override void OnBegin()
    {
        StoreConnection connection = Session.Connection;
        Wait(connection.TryPrepareAsync(Cancel));
        ImportMap map = ImportMap.Read(Map, GivenFields());
        var rules = new ImportRules
        {
            Map = map.Columns,
            Compute = map.Compute,
            DefaultCustomerId = CustomerId ?? CallersCustomer,
            DefaultZone = Session.Options.TimeZone,
            Zone = TimeZone is null ? null : Zones.Find(TimeZone),
            CustomerId = CustomerId is null ? null : CustomerIds.Check(CustomerId),
            Service = Service is null ? null : connection.Catalogue?.Get(Service).Name ?? Service,
        };

        RejectFile? rejects = null;
        if (RejectPath is not null)
        {
            _rejectPath = FileSelection.Literal(SessionState, RejectPath);
            rejects = new RejectFile(_rejectPath);
            rejects.Check();
        }

        _import = new UsageImport(connection, rules, rejects, Cancel)
        {
            OnBadLine = error => WriteItemError(error),
            OnProgress = ShowProgress,
        };
    }

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        foreach (string text in InputObject)
            TakeText(text);

        foreach (string path in Path)
        {
            if (IsText(path))
                TakeText(path);
            else
                OrReport(path, () => FileSelection.Find(SessionState, path));
        }

        foreach (string path in LiteralPath)
            OrReport(path, () => [FileSelection.Literal(SessionState, path)]);
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        bool isOff = AllOrNothing && _bad > 0;
        foreach (CheckedFile file in _files)
        {
            file.CheckUnchanged();
            ImportCount count = isOff ? file.Count with { Records = 0 } : _import.Add(file.Path, file.Format);
            Write(file.Path, count with { Duration = isOff ? count.Duration : count.Duration + file.Count.Duration });
        }

        if (!isOff)
            _texts.ForEach(_import.Add);

        long dropped = _import.Complete();
        if (_textCount > 0)
            WriteObject(new UsageImportInfo(null, isOff ? 0 : _textCount - _badTexts, _badTexts, _textTime.Elapsed));

        HideProgress();
        if (isOff)
            WriteWarning($"Nothing was added, since -AllOrNothing was given and there {(_bad == 1 ? "was" : "were")} {Wording.Count(_bad, "error")}.");
        if (dropped > 0)
            WriteWarning($"{Wording.Count(dropped, "record")} dropped: the queue is full, and the option QueueFullAction is DropNewest. See Get-UsageQueue for the reason.");
    }

    /// <inheritdoc/>
    protected override void OnDispose() => _import?.Dispose();

    /// <summary>Every line that cannot be added is an error of its own; the rest goes on. Only a queue or a disk that is full ends the call.</summary>
    protected override bool EndsTheCall(UsageException error) => error.Kind == UsageErrorKind.LimitReached;

    private IEnumerable<RecordField> GivenFields()
    {
        if (Service is not null)
            yield return RecordField.Service;
        if (CustomerId is not null)
            yield return RecordField.CustomerId;
    }

    // Down the pipeline come paths and the original's texts alike. What stands before the colon of a path is a drive.
    private bool IsText(string path)
    {
        int colon = path.IndexOf(':', StringComparison.Ordinal);
        return colon > 1
            && MyInvocation.ExpectingInput
            && !path.AsSpan(colon).StartsWith("::")
            && !SessionState.Drive.GetAll().Any(d => d.Name.Equals(path[..colon], StringComparison.OrdinalIgnoreCase));
    }

    private void TakeText(string text)
    {
        _isTextWanted ??= ShouldProcess("texts of the form service:quantity:metadata", "Import usage");
        if (_isTextWanted != true)
            return;

        _textTime.Start();
        if (_import.Check(text, ++_textCount) is not { } record)
        {
            _badTexts++;
            _bad++;
        }
        else if (AllOrNothing)
        {
            _texts.Add(record);
        }
        else
        {
            _import.Add(record);
        }

        _textTime.Stop();
    }

    private void OrReport(string path, Func<IReadOnlyList<string>> find)
    {
        try
        {
            foreach (string file in find())
                TakeFile(file);
        }
        catch (UsageException error) when (!EndsTheCall(error))
        {
            _bad++;
            WriteItemError(error, path);
        }
    }

    private void TakeFile(string path)
    {
        if (path.Equals(_rejectPath, StringComparison.OrdinalIgnoreCase))
            throw new UsageException(UsageErrorKind.InvalidInput, "RejectFileIsInput", $"'{path}' is read, so bad lines cannot be kept in it too. Give another -RejectPath.", path);

        ImportFormat format = Format ?? SourceFile.FormatOf(path);
        if (!ShouldProcess(path, "Import usage"))
            return;

        if (!AllOrNothing)
        {
            ImportCount count = _import.Add(path, format);
            Write(path, count);
            return;
        }

        CheckedFile file = CheckedFile.Before(path, format);
        file = file with { Count = _import.Check(path, format) };
        _bad += file.Count.Rejected;
        _files.Add(file);
    }

    private void Write(string path, ImportCount count) =>
        WriteObject(new UsageImportInfo(path, count.Records, count.Rejected, count.Duration));

    private void ShowProgress(ImportProgress now)
    {
        _progress.StatusDescription = $"{System.IO.Path.GetFileName(now.Path)}: {Wording.Count(now.Rows, "record")} {(now.IsChecking ? "checked" : "read")}";
        _progress.PercentComplete = now.Length == 0 ? 100 : (int)Math.Clamp(100 * now.Position / now.Length, 0, 100);
        WriteProgress(_progress);
    }

    private void HideProgress()
    {
        if (_progress.PercentComplete < 0)
            return;

        _progress.RecordType = ProgressRecordType.Completed;
        WriteProgress(_progress);
    }

    private sealed record CheckedFile(string Path, ImportFormat Format, ImportCount Count, long Length, DateTime Written)
    {
        public static CheckedFile Before(string path, ImportFormat format)
        {
            var file = new FileInfo(path);
            return new CheckedFile(path, format, new ImportCount(0, 0, 0, TimeSpan.Zero), file.Exists ? file.Length : 0, file.LastWriteTimeUtc);
        }

        /// <summary>What was checked must be what is added.</summary>
        public void CheckUnchanged()
        {
            CheckedFile now = Before(Path, Format);
            if (now.Length != Length || now.Written != Written)
                throw new UsageException(UsageErrorKind.Conflict, "FileChanged", $"'{Path}' changed while it was imported. Nothing of it was added; import it again.", Path);
        }
    }
}
