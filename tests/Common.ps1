# Dot-sourced by every Pester file, both when it is discovered and before it runs. A file whose tests are to hold on
# every store looks like this:
#
#     BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
#     BeforeAll { . $PSScriptRoot/Common.ps1 }
#
#     foreach ($kind in Get-TestStore) {
#         Describe "Get-Usage on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
#             BeforeAll { $store = New-TestStore -Kind $Kind }
#             AfterAll { Remove-TestStore $store }
#
#             It 'lists every service' { ... }
#         }
#     }

$ErrorActionPreference = 'Stop'
. $PSScriptRoot/Isolation.ps1
Import-Module $PSScriptRoot/../module/UsageTracking.psd1

# The kinds of store, for -ForEach. PostgreSQL's tests are skipped, and counted so, where there is none.
function Get-TestStore {
    @{ Kind = 'Sqlite'; Skip = $false }
    @{ Kind = 'PostgreSql'; Skip = -not $env:USAGE_TEST_POSTGRES }
}

# A fresh store of that kind, connected; with -Empty neither connected nor with anything in it.
function New-TestStore {
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    [CmdletBinding()]
    param([Parameter(Mandatory)] [ValidateSet('Sqlite', 'PostgreSql')] [string] $Kind, [switch] $Empty)

    $name = 'usage_' + [guid]::NewGuid().ToString('N').Substring(0, 12)
    $store = [pscustomobject]@{ Kind = $Kind; Name = $name; Path = $null; ConnectionString = $null }
    if ($Kind -eq 'Sqlite') {
        $folder = New-Item -ItemType Directory -Path (Join-Path $env:USAGE_TEST_DATA $name)
        $store.Path = Join-Path $folder 'usage.db'
    }
    else {
        foreach ($server in Get-TestServer) { $null = Invoke-Psql $server "create database $name" }
        $builder = [System.Data.Common.DbConnectionStringBuilder]@{ ConnectionString = @(Get-TestServer)[0] }
        $builder['Database'] = $name
        $store.ConnectionString = $builder.ConnectionString
        if ($env:USAGE_TEST_CITUS) { Add-TestCitus $store }
    }

    if (-not $Empty) {
        $address = Get-TestAddress $store
        # It warns where there are no tables yet.
        Connect-UsageStore @address -WarningAction SilentlyContinue
        Initialize-UsageStore -Distributed:($Kind -eq 'PostgreSql' -and [bool] $env:USAGE_TEST_CITUS) -Confirm:$false
    }
    $store
}

# The connection strings of the servers that the PostgreSQL stores are on: one, or, where $env:USAGE_TEST_CITUS names the
# coordinator of a Citus, that and its workers.
function Get-TestServer {
    if (-not $env:USAGE_TEST_CITUS) { return $env:USAGE_TEST_POSTGRES }
    $workers = Invoke-Psql $env:USAGE_TEST_CITUS 'select nodename, nodeport from pg_dist_node where groupid > 0 order by groupid'
    $env:USAGE_TEST_CITUS
    foreach ($worker in $workers) {
        $builder = [System.Data.Common.DbConnectionStringBuilder]@{ ConnectionString = $env:USAGE_TEST_CITUS }
        $builder['Host'], $builder['Port'] = $worker -split '\|'
        $builder.ConnectionString
    }
}

# Makes the databases of that name on every server one Citus.
function Add-TestCitus([psobject] $Store) {
    $servers = @(Get-TestServer)
    foreach ($server in $servers) {
        $builder = [System.Data.Common.DbConnectionStringBuilder]@{ ConnectionString = $server }
        $builder['Database'] = $Store.Name
        $null = Invoke-Psql $builder.ConnectionString 'create extension citus'
        $add = $server -eq $servers[0] ? 'citus_set_coordinator_host' : 'citus_add_node'
        $null = Invoke-Psql $Store "select $add('$($builder['Host'])', $($builder['Port']))"
    }
}

# What Connect-UsageStore takes to connect that store, for splatting.
function Get-TestAddress {
    param([Parameter(Mandatory)] [psobject] $Store)

    $Store.Path ? @{ Path = $Store.Path } : @{ ConnectionString = $Store.ConnectionString }
}

# Disconnects, and removes the store with everything in it.
function Remove-TestStore {
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    [CmdletBinding()]
    param([psobject] $Store)

    if (-not $Store) { return }
    Disconnect-UsageStore
    if ($Store.Path) {
        Remove-Item -LiteralPath (Split-Path $Store.Path) -Recurse -Force
    }
    else {
        foreach ($server in Get-TestServer) { $null = Invoke-Psql $server "drop database if exists $($Store.Name) with (force)" }
    }
}

# What psql prints for the statement, a line per row: a second opinion on what the module wrote.
function Invoke-Psql {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [psobject] $Store, [Parameter(Mandatory)] [string] $Sql)

    $connectionString = $Store -is [string] ? $Store : $Store.ConnectionString
    $part = [System.Data.Common.DbConnectionStringBuilder]@{ ConnectionString = $connectionString }
    $options = @{ Host = 'host'; Port = 'port'; Username = 'username'; Database = 'dbname' }
    $arguments = foreach ($name in $options.Keys) {
        if ($part.ContainsKey($name)) { "--$($options[$name])=$($part[$name])" }
    }
    $env:PGPASSWORD = $part.ContainsKey('Password') ? $part['Password'] : $null
    $output = psql @arguments --no-psqlrc --no-align --tuples-only --quiet --set=ON_ERROR_STOP=1 --command=$Sql 2>&1
    $env:PGPASSWORD = $null

    if ($LASTEXITCODE -ne 0) { throw "psql: $output" }
    # Notices come as errors.
    $output | Where-Object { $_ -is [string] }
}

# What the sqlite3 program prints for the statement.
function Invoke-Sqlite {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [psobject] $Store, [Parameter(Mandatory)] [string] $Sql)

    $output = sqlite3 -batch -bail -cmd '.timeout 5000' $Store.Path $Sql 2>&1
    if ($LASTEXITCODE -ne 0) { throw "sqlite3: $output" }
    $output
}

# What the store's own program prints for the statement.
function Invoke-Sql {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [psobject] $Store, [Parameter(Mandatory)] [string] $Sql)

    $Store.Path ? (Invoke-Sqlite $Store $Sql) : (Invoke-Psql $Store $Sql)
}

# A Python that has openpyxl, or nothing. Debian's own has it, where another python3 comes first on PATH.
function Find-OpenPyXl {
    @('/usr/bin/python3', (Get-Command python3 -ErrorAction Ignore).Source) | Where-Object { $_ -and (Test-Path $_) } |
        Where-Object { & $_ -c 'import openpyxl' 2>$null; $LASTEXITCODE -eq 0 } | Select-Object -First 1
}

# Runs a script block in a PowerShell of its own, with the module imported, and ends that PowerShell. Objects come back
# as copies; errors, warnings and all other streams come back too.
function Invoke-OtherPwsh {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [scriptblock] $ScriptBlock, [object[]] $ArgumentList = @())

    $import = "Import-Module '$PSScriptRoot/../module/UsageTracking.psd1'`n"
    $text = $ScriptBlock.Ast.ParamBlock ? "$($ScriptBlock.Ast.ParamBlock.Extent.Text)`n$import" : $import
    $text += ($ScriptBlock.Ast.EndBlock.Statements.Extent.Text) -join "`n"
    pwsh -NoProfile -NonInteractive -Command ([scriptblock]::Create($text)) -args $ArgumentList
}

# What -WhatIf says goes to the host, past every stream.
function Get-HostText([scriptblock] $ScriptBlock) {
    $file = Join-Path $TestDrive 'transcript.txt'
    $null = Start-Transcript $file
    try { & $ScriptBlock } finally { $null = Stop-Transcript }
    Get-Content $file -Raw
}
