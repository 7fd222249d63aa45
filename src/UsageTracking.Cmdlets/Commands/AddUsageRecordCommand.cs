using System.Collections;
using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Add, "UsageRecord", DefaultParameterSetName = ValuesSet)]
[OutputType(typeof(AddedUsageRecord))]
public sealed class AddUsageRecordCommand : AddUsageCmdlet
{
    private const string ValuesSet = "Values";
    private const string ObjectSet = "Object";

    private Action<RecordInput> _fromCommandLine = null!;
    private HashSet<string> _given = null!;

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ObjectSet)]
    [AllowNull]
    public object? InputObject { get; set; }

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ValuesSet)]
    [Parameter(Position = 0, ParameterSetName = ObjectSet)]
    [AllowEmptyString]
    public string? Service { get; set; }

    [Parameter(Position = 1)]
    [AllowNull]
    public object? Quantity { get; set; }

    [Parameter(Position = 2)]
    [AllowNull]
    public object? Metadata { get; set; }

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
    public string? CustomerId { get; set; }

    /// <inheritdoc/>
    protected override void OnBegin()
    {
        base.OnBegin();
        _fromCommandLine = CommandLine();
        _given = [.. MyInvocation.BoundParameters.Keys];
    }

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        if (ParameterSetName == ValuesSet)
        {
            AddOne(null);
            return;
        }

        object? input = Unwrap.Base(InputObject);
        // A collection given by name arrives in one piece.
        if (input is IEnumerable items and not string and not IDictionary)
        {
            foreach (object? item in items)
                AddItem(Unwrap.Base(item));
        }
        else
        {
            AddItem(input);
        }
    }

    private void AddItem(object? item)
    {
        try
        {
            AddOne(item ?? throw new UsageException(UsageErrorKind.InvalidInput, "InvalidRecord", "A null came down the pipeline where a record was expected."));
        }
        catch (UsageException error) when (!EndsTheCall(error))
        {
            WriteItemError(error, item);
        }
    }

    private void AddOne(object? item)
    {
        var record = new RecordInput();
        if (item is not null)
            RecordReader.Read(item, record, _given);

        // What stands on the command line wins over a property.
        _fromCommandLine(record);
        Add(record);
    }

    private Action<RecordInput> CommandLine()
    {
        Action<RecordInput> put = static _ => { };
        bool IsBound(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
        if (IsBound(nameof(Service)))
            put += r => r.Service = Service;
        if (IsBound(nameof(Quantity)))
            put += r => r.Quantity = Unwrap.Base(Quantity);
        if (IsBound(nameof(Metadata)))
            put += r => r.Metadata = MetadataReader.Read(Metadata);
        if (IsBound(nameof(Timestamp)))
            put += r => r.Timestamp = TimeInput.From(Unwrap.Base(Timestamp));
        if (IsBound(nameof(UnitCost)))
            put += r => r.UnitCost = Unwrap.Base(UnitCost);
        if (IsBound(nameof(EventKey)))
            put += r => r.EventKey = EventKey;
        if (IsBound(nameof(CustomerId)))
            put += r => r.CustomerId = CustomerId;
        return put;
    }
}
