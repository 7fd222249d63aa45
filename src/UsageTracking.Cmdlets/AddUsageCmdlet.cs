using System.Collections;
using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;
using UsageTracking.Queue;
using UsageTracking.Session;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets;

/// <summary>
/// What adds records to the queue of the connected store: one from the parameters, or one for each object that comes down
/// the pipeline. Values are taken as they come and read here, not by PowerShell, which would make 15 of '1,5'.
/// </summary>
public abstract class AddUsageCmdlet : UsageCmdlet
{
    /// <summary>One record from the parameters alone.</summary>
    protected const string ValuesSet = "Values";

    /// <summary>A record for each object.</summary>
    protected const string ObjectSet = "Object";

    private StoreConnection _connection = null!;
    private string? _customerId;
    private TimeZoneInfo _zone = null!;
    private QueueWriter? _writer;
    private long _dropped;

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ObjectSet)]
    [AllowNull]
    public object? InputObject { get; set; }

    [Parameter]
    [AllowNull]
    public object? Timestamp { get; set; }

    [Parameter]
    [AllowNull]
    public object? UnitCost { get; set; }

    [Parameter]
    [AllowEmptyString]
    public string? EventKey { get; set; }

    [Parameter]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(CustomerCompleter))]
    public string? CustomerId { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TimeZoneCompleter))]
    public string? TimeZone { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>The parameters that stand on the command line; an object's values for them are not even read.</summary>
    internal IReadOnlySet<string> Given { get; private set; } = new HashSet<string>();

    /// <summary>What the parameters and the object, if there is one, say of the record.</summary>
    protected abstract RecordInput ToRecord(object? item);

    /// <inheritdoc/>
    protected override void OnBegin()
    {
        _connection = Session.Connection;
        Wait(_connection.TryPrepareAsync(Cancel));
        _zone = ZoneOf(TimeZone);
        Given = MyInvocation.BoundParameters.Keys.ToHashSet(StringComparer.Ordinal);
        if (ParameterSetName == ObjectSet || MyInvocation.ExpectingInput)
            _writer = _connection.Queue.OpenWriter(Cancel);
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        _writer?.Complete(Cancel);
        _dropped += _writer?.Dropped ?? 0;
        if (_dropped > 0)
            WriteWarning($"{Wording.Count(_dropped, "record")} dropped: the queue is full, and the option QueueFullAction is DropNewest. See Get-UsageQueue for the reason.");
    }

    /// <inheritdoc/>
    protected override void OnDispose() => _writer?.Dispose();

    /// <inheritdoc/>
    protected sealed override void OnProcess()
    {
        if (ParameterSetName != ObjectSet)
        {
            Add(ToRecord(null));
            return;
        }

        object? input = Unwrap.Base(InputObject);
        if (!Unwrap.IsList(input))
        {
            AddItem(input);
            return;
        }

        foreach (object? item in Unwrap.EachOf((IEnumerable)input!))
            AddItem(item);
    }

    /// <summary>Every record that cannot be added is an error of its own; the rest goes on. Only a queue that stays full ends the call.</summary>
    protected override bool EndsTheCall(UsageException error) => error.Kind == UsageErrorKind.LimitReached;

    /// <summary>Puts the parameters that every record has into it.</summary>
    protected void PutCommandLine(RecordInput record)
    {
        if (Given.Contains(nameof(Timestamp)))
            record.Timestamp = TimeInput.From(Unwrap.Base(Timestamp));
        if (Given.Contains(nameof(UnitCost)))
            record.UnitCost = Unwrap.Base(UnitCost);
        if (Given.Contains(nameof(EventKey)))
            record.EventKey = EventKey;
        if (Given.Contains(nameof(CustomerId)))
            record.CustomerId = CustomerId;
    }

    private void AddItem(object? item)
    {
        try
        {
            Add(ToRecord(ItemReader.Check(item)));
        }
        catch (UsageException error) when (!EndsTheCall(error))
        {
            WriteItemError(error, item);
        }
    }

    private void Add(RecordInput input)
    {
        input.CustomerId ??= _customerId ??= CallersCustomer;
        UsageRecord record = input.Check(_zone, DateTimeOffset.UtcNow);
        if (_connection.Catalogue is { } catalogue)
            record = catalogue.Resolve(record);

        if (_writer is null)
        {
            if (!_connection.Queue.Add(record, Cancel))
            {
                _dropped++;
                return;
            }
        }
        else
        {
            _writer.Add(record, Cancel);
        }

        if (PassThru)
        {
            // What is handed on counts as added.
            if (_writer?.Write(Cancel) ?? true)
                WriteObject(new AddedUsageRecord(record, _zone));
        }
    }
}
