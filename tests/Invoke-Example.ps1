#Requires -Version 7.4
<#
.SYNOPSIS
Runs the examples of the pages in docs/, and writes how what they print differs from what the pages show.

.DESCRIPTION
Values go by the clock, so what is compared is what a reader goes by: which errors, warnings and questions there are, the
columns of tables and the names in lists. It runs in a process of its own, since what Set-UsageOption sets stays set.

.PARAMETER Name
The pages; wildcards are allowed.

.PARAMETER PassThru
Writes what each example printed too, to be pasted into its page.
#>
[CmdletBinding()]
param([string[]] $Name = '*', [switch] $PassThru)

. $PSScriptRoot/Common.ps1
. $PSScriptRoot/ExampleStore.ps1
if (-not ('UsageTracking.Testing.ProviderServer' -as [type])) { Add-Type -Path $PSScriptRoot/ProviderServer.cs }
$modulePath = Convert-Path $PSScriptRoot/../module/UsageTracking.psd1

# A page's blocks of code, each with the output that follows it.
function Get-Example([string] $Path) {
    $text = ((Get-Content $Path -Raw) -split '(?m)^## ' | Where-Object { $_ -like 'EXAMPLES*' }) ?? ''
    $example = ''
    foreach ($match in [regex]::Matches($text, '(?ms)^### (?<title>.*?)$|^```(?<kind>\w+)\r?\n(?<text>.*?)^```')) {
        switch ($match.Groups['kind'].Value) {
            '' { $title = $match.Groups['title'].Value.Trim() }
            powershell {
                if ($example) { $example }
                $example = [pscustomobject]@{ Title = $title; Code = $match.Groups['text'].Value.TrimEnd(); Output = '' }
            }
            text { $example.Output += $match.Groups['text'].Value }
        }
    }
    $example
}

# Messages, and the headings of tables and lists.
function Get-Shape([string] $Text) {
    $names = @()
    $previous = ''
    foreach ($line in ($Text -split '\r?\n') + '') {
        if ($line -match '^(\w+)\s+:( |$)') { $names += $Matches[1] }
        elseif ($line -match '^(\S|$)') {
            if ($names.Count -gt 1) { "list: $names" }
            $names = @()
        }
        # An alert may look like a warning.
        if ($line -match '^(What if|WARNING|VERBOSE|[A-Z]\w+-\w+): (?!\w+ usage at )') { $line }
        elseif ($line -match '^\s*-+( +-+)*\s*$' -and $previous.Trim()) { "table: $($previous.Trim() -replace '\s+', ' ')" }
        $previous = $line
    }
}

# A message's beginning, but for what is in it of this run; a heading as it is.
function Get-Pattern([string] $Shape) {
    if ($Shape -match '^(table|list): ') { return [wildcardpattern]::Escape($Shape) }
    "$(($Shape -split '\s+')[0..7] | ForEach-Object { $_ -match '[\d''"/]' ? '*' : [wildcardpattern]::Escape($_) })*"
}

# Runs code in the pages' runspace, statement by statement, as at a prompt. There is no host: what would go to it, such as
# the lines of -WhatIf, a transcript takes down.
function Invoke-Code([string] $Code) {
    $errors = [System.Collections.Generic.List[string]]::new()
    $invoke = {
        param([string] $Script)
        $shell = [powershell]::Create($runspace)
        $null = $shell.AddScript($Script).AddCommand('Out-String').AddParameter('Width', 120)
        $problem = $null
        try {
            $run = $shell.BeginInvoke()
            if ($run.AsyncWaitHandle.WaitOne([timespan]::FromMinutes(1))) { $shell.EndInvoke($run) }
            else {
                $shell.Stop()
                $errors.Add("There is no end to $Script")
            }
        } catch { $problem = $_.Exception.InnerException.ErrorRecord ?? $_ }
        @($shell.Streams.Error) + $problem | Where-Object { $_ } | ForEach-Object { $errors.Add("$($_.InvocationInfo.MyCommand): $_") }
        $shell.Streams.Warning | ForEach-Object { "WARNING: $_" }
        $shell.Streams.Verbose | ForEach-Object { "VERBOSE: $_" }
        $shell.Dispose()
    }
    $file = "$env:USAGE_TEST_DATA/transcript.txt"
    $null = & $invoke "Start-Transcript '$file' -UseMinimalHeader"
    $statements = [System.Management.Automation.Language.Parser]::ParseInput($Code, [ref] $null, [ref] $null).EndBlock.Statements
    $text = $statements | ForEach-Object { & $invoke $_.Extent.Text }
    $null = & $invoke 'Stop-Transcript'
    $whatIf = (Get-Content $file) -match '^What if: '
    Remove-Item $file
    [pscustomobject]@{ Text = (@($whatIf) + $text | ForEach-Object { $_.Trim("`r", "`n") } | Where-Object { $_ }) -join "`n`n"; Errors = $errors }
}

# The page's world: a store, files and schedulers of its own.
function Invoke-Page([System.IO.FileInfo] $Page, [string] $Template) {
    $folder = "$env:USAGE_TEST_DATA/$($Page.BaseName)"
    Copy-Item $Template $folder -Recurse
    $examples = @(Get-Example $Page)
    $code = $examples.Code -join "`n"

    $postgres = $code -match $onServer ? (New-TestStore PostgreSql -Empty) : $null
    if ($postgres) { $part = [System.Data.Common.DbConnectionStringBuilder]@{ ConnectionString = $postgres.ConnectionString } }
    $password = $part -and $part.ContainsKey('Password') ? $part['Password'] : 'secret'
    # What the pages call their places, and what they are here.
    $here = {
        param([string] $Code)
        # Nobody wants to wait for them.
        $Code = $Code -replace '-Every 5 ', '-Every 1 '
        $Code = $Code -replace '(?<![\w.])(~|/tmp|/srv/usage|/home/me)(?=/)', $folder -replace 'Import-Module UsageTracking', "Import-Module '$modulePath'"
        if (-not $postgres) { return $Code }
        $Code -replace 'localhost -Database \w+', "$($part['Host']) -Port $($part['Port']) -Database $($postgres.Name)" `
            -replace 'postgresql://usage@localhost/usage', "'$($postgres.ConnectionString)'" `
            -replace 'Host=db\.example;Database=usage', $postgres.ConnectionString `
            -replace 'psql -h localhost -U usage usage', "psql -h $($part['Host']) -p $($part['Port']) -U $($part['Username']) $($postgres.Name)"
    }

    $variables = Get-ChildItem Env:
    $env:USAGE_SPOOL = "$folder/spool"
    $env:XDG_CONFIG_HOME = $folder
    $env:XDG_DATA_HOME = "$folder/data"
    $env:PATH = "$folder/bin$([System.IO.Path]::PathSeparator)$env:PATH"
    $env:PGPASSWORD = $password
    $env:NO_COLOR = 1
    $server = [UsageTracking.Testing.ProviderServer]::new()
    try {
        $values = @{
            modulePath = $modulePath; tests = $PSScriptRoot; server = $server; postgres = $postgres.ConnectionString; ConfirmPreference = 'None'; folder = $folder
            credential = [pscredential]::new($part ? $part['Username'] : 'usage', (ConvertTo-SecureString $password -AsPlainText))
        }
        $values.Keys | ForEach-Object { $runspace.SessionStateProxy.SetVariable($_, $values[$_]) }
        $start = Invoke-Code @'
Set-Location $folder
$PSDefaultParameterValues = @{ 'Update-UsageReading:Uri' = "$($server.Address)info?JSON=0" }
function Get-Credential { $credential }
Connect-UsageStore usage.db -CustomerId acme
'@
        if ($start.Errors) { throw "$($start.Errors)" }

        for ($n = 1; $n -le $examples.Count; $n++) {
            $example = $examples[$n - 1]
            if ($notRun[$Page.BaseName]?[$n]) { continue }
            $setup = $before[$Page.BaseName]?[$n]
            if ($setup) { (Invoke-Code "$setup").Errors | ForEach-Object { "Before block $($n): $_" } }

            $result = Invoke-Code (& $here $example.Code)
            if ($PassThru) { "--- $($example.Title)", $result.Text, $result.Errors | Write-Information -InformationAction Continue }
            $expected = @(Get-Shape $example.Output | Select-Object -Unique)
            $actual = @(@(Get-Shape $result.Text) + $result.Errors | Select-Object -Unique)
            foreach ($shape in $expected) {
                $pattern = Get-Pattern $shape
                if (-not ($actual -clike $pattern)) { "$($example.Title): the page shows, but there is no '$shape'" }
            }
            $patterns = @($expected | ForEach-Object { Get-Pattern $_ })
            foreach ($shape in $actual) {
                if (-not ($patterns | Where-Object { $shape -clike $_ })) { "$($example.Title): the page does not show '$shape'" }
            }
            if (-not $example.Output.Trim() -and $result.Text.Trim()) { "$($example.Title): the page does not show that it writes $($result.Text.Trim())" }
        }
    }
    finally {
        $null = Clear-UsageQueue -Discard -Confirm:$false -ErrorAction Ignore
        Disconnect-UsageStore
        if ($code -match 'Set-UsageOption') { Set-UsageOption @defaults }
        $server.Dispose()
        Get-ChildItem Env: | Where-Object Name -NotIn $variables.Name | Remove-Item
        $variables | ForEach-Object { Set-Item "Env:$($_.Name)" $_.Value }
        if ($postgres) { Remove-TestStore $postgres }
        Remove-Item $folder -Recurse -Force
    }
}

# Some pages need a server, that is, one that answers. Without, they are left out.
$onServer = '(HostName |@|-h )localhost(?! -Port 1\b)|Copy-UsageStore -To .Host=db\.example'

$defaults = @{}
$options = Get-UsageOption
$options.Source.Keys | ForEach-Object { $defaults[$_] = $options.$_ }

$template = (New-Item -ItemType Directory "$env:USAGE_TEST_DATA/example-$PID").FullName
Build-ExampleStore $template
Disconnect-UsageStore

# One for all pages: PowerShell's own modules take a while to load.
$state = [initialsessionstate]::CreateDefault2()
$null = $state.ImportPSModule($modulePath)
$runspace = [runspacefactory]::CreateRunspace($state)
$runspace.Open()

$results = [ordered]@{}
foreach ($page in Get-ChildItem $PSScriptRoot/../docs/*-Usage*.md | Where-Object { $base = $_.BaseName; $Name | Where-Object { $base -like $_ } }) {
    if (-not $env:USAGE_TEST_POSTGRES -and (Get-Example $page).Code -match $onServer) { continue }
    $time = [System.Diagnostics.Stopwatch]::StartNew()
    $results[$page.BaseName] = @(Invoke-Page $page $template)
    if ($PassThru) { Write-Information "=== $($page.BaseName): $($time.ElapsedMilliseconds) ms" -InformationAction Continue }
}
$results | ConvertTo-Json -Compress
