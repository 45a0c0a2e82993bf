namespace Ducts.Blobs.Storage;

/// <summary>
/// The scripts that write, one for each kind of change, so that Redis carries it out whole or not at all. A reply is an array whose first
/// item says what came of it: <c>ok</c>, or why nothing was changed.
/// </summary>
internal static class BlobScripts
{
    /// <summary>
    /// How many fields metadata may have: Lua hands a call fewer than 8000 arguments, a field is two of them, and a
    /// script that fails midway leaves what it has written.
    /// </summary>
    public const int MaxFields = 3900;

    /// <summary>What a script replies that would write more.</summary>
    public const string TooManyFields = "fields";

    private static readonly string Limit = $"local max_values = {2 * MaxFields}\n";

    /// <summary>
    /// Adds a group. KEYS: its metadata, the counter, the names. ARGV: its text key or nothing, then fields.
    /// </summary>
    public static readonly string AddGroup = Limit +
        """
        if redis.call('EXISTS', KEYS[1]) == 1 then return {'exists'} end
        if #ARGV > max_values then return {'fields'} end
        local fields = {'gid', string.format('%.0f', redis.call('INCR', KEYS[2]))}
        for i = 2, #ARGV do fields[#fields + 1] = ARGV[i] end
        redis.call('XADD', KEYS[1], '*', unpack(fields))
        if ARGV[1] ~= '' then redis.call('ZADD', KEYS[3], 0, ARGV[1]) end
        return {'ok'}
        """;

    /// <summary>Sets fields of a group. KEYS: its metadata. ARGV: the expected gid or nothing, then fields.</summary>
    public static readonly string UpdateGroup = Limit + Metadata + Fits +
        """
        local id, old = newest(KEYS[1])
        if not id then return {'absent'} end
        if ARGV[1] ~= '' and ARGV[1] ~= old.of.gid then return {'fixed', 'gid', old.of.gid} end
        local new = open(old.list)
        for i = 2, #ARGV, 2 do
          local name, value = ARGV[i], ARGV[i + 1]
          if (name == 'gid' or name == 'group_key' or name == 'group_key_text') and value ~= (old.of[name] or '') then
            return {'fixed', name, old.of[name] or ''}
          end
          put(new, name, value)
        end
        if equal(old, new) then return {'ok', id} end
        if not fits(new, 0) then return {'fields'} end
        return {'ok', redis.call('XADD', KEYS[1], '*', unpack(close(new)))}
        """;

    /// <summary>
    /// Deletes a group with all that it has. KEYS: its metadata, the names. ARGV: the prefix of keys. The other keys are known from the
    /// data only.
    /// </summary>
    public const string DeleteGroup = Metadata +
        """
        local _, group = newest(KEYS[1])
        if not group then return {'ok', 0} end
        local base = ARGV[1] .. 'BLOBS/GID=' .. group.of.gid
        local count = 0
        local function unlink(key) count = count + redis.call('UNLINK', key) end
        for _, content in ipairs(redis.call('ZRANGE', base .. '/CONTENT_KEYS', 0, -1)) do
          local stream = base .. '/CKEY=' .. content .. '/METADATA'
          local from = '-'
          while true do
            local entries = redis.call('XRANGE', stream, from, '+', 'COUNT', 500)
            if #entries == 0 then break end
            for _, entry in ipairs(entries) do
              local version = open(entry[2])
              unlink(base .. '/CID=' .. (version.of.cid or '') .. (version.of.is_dir == '1' and '/DIR' or '/OBJ'))
            end
            from = '(' .. entries[#entries][1]
          end
          unlink(stream)
        end
        unlink(base .. '/CONTENT_KEYS')
        unlink(base .. '/CONTENT_ID')
        unlink(KEYS[1])
        if group.of.group_key_text then redis.call('ZREM', KEYS[2], group.of.group_key_text) end
        return {'ok', count}
        """;

    /// <summary>Takes a number of a group's counter. KEYS: the group's metadata, the counter. ARGV: the gid.</summary>
    public const string NextContentId = Metadata +
        """
        local _, group = newest(KEYS[1])
        if not group or group.of.gid ~= ARGV[1] then return {'group'} end
        return {'ok', redis.call('INCR', KEYS[2])}
        """;

    /// <summary>
    /// Writes a version of a content: object, metadata and order. KEYS: the group's metadata, the content's metadata, the keys of contents, the
    /// counter, the object, the buffer. ARGV: the gid; <c>add</c>, <c>update</c> or <c>put</c>, which is either; the version that must be
    /// the newest, <c>none</c> or nothing; where the object comes from, <c>none</c>, <c>bytes</c>, <c>buffer</c> or <c>dir</c>; the time;
    /// the bytes, or the directory's entry for itself; their hash; their length; how many fields hold for a new content only; those, then the others.
    /// </summary>
    public static readonly string WriteContent = Limit + Metadata + Fits +
        """
        local gid, kind, expected, source, now, object, cid, length = unpack(ARGV, 1, 8)
        local _, group = newest(KEYS[1])
        if not group or group.of.gid ~= gid then return {'group'} end
        local id, old = newest(KEYS[2])
        if expected ~= '' and expected ~= (id or 'none') then return {'changed'} end
        if kind == 'add' and id then return {'exists'} end
        if kind == 'update' and not id then return {'absent'} end
        if old and old.of.is_dir == '1' and source ~= 'none' then return {'directory'} end
        local new = open(old and old.list or {})
        local set = 10 + 2 * tonumber(ARGV[9])
        for i = old and set or 10, #ARGV, 2 do
          local name, value = ARGV[i], ARGV[i + 1]
          if not old then
            put(new, name, value)
          elseif name == 'cid' or name == 'content_key' or name == 'is_dir' then
            if value ~= (old.of[name] or '') then return {'fixed', name, old.of[name] or ''} end
          elseif name ~= 'content_length' and name ~= 'revert_to' then
            put(new, name, value)
          end
        end
        if source == 'none' then
          if equal(old, new) then return {'ok', id} end
        else
          if old and new.of.last_modified == old.of.last_modified then put(new, 'last_modified', now) end
          new.of.revert_to = nil
          put(new, 'cid', cid)
          if source ~= 'dir' then put(new, 'content_length', length) end
        end
        local counted = not old and source ~= 'dir'
        local ordered = counted and not new.of.order
        if not fits(new, ordered and 2 or 0) then return {'fields'} end
        if source == 'buffer' then
          if redis.call('EXISTS', KEYS[6]) == 0 then return {'buffer'} end
          if redis.call('STRLEN', KEYS[6]) ~= tonumber(length) then return {'appended'} end
          if redis.call('EXISTS', KEYS[5]) == 1 then
            redis.call('UNLINK', KEYS[6])
          else
            redis.call('RENAME', KEYS[6], KEYS[5])
            redis.call('PERSIST', KEYS[5])
          end
        elseif source == 'bytes' then
          redis.call('SETNX', KEYS[5], object)
        elseif source == 'dir' then
          redis.call('HSET', KEYS[5], '.', object)
        end
        if counted then
          local number = redis.call('INCR', KEYS[4])
          if ordered then put(new, 'order', string.format('%.0f', number * 10)) end
        end
        local version = redis.call('XADD', KEYS[2], '*', unpack(close(new)))
        if tonumber(new.of.order) then redis.call('ZADD', KEYS[3], new.of.order, new.of.content_key) end
        return {'ok', version}
        """;

    /// <summary>
    /// Makes an older version of a content the newest. KEYS: the group's metadata, the content's metadata, the keys of contents. ARGV: the
    /// gid, the version, the time.
    /// </summary>
    public const string RevertContent = Metadata +
        """
        local _, group = newest(KEYS[1])
        if not group or group.of.gid ~= ARGV[1] then return {'group'} end
        if not newest(KEYS[2]) then return {'absent'} end
        local entry = redis.call('XRANGE', KEYS[2], ARGV[2], ARGV[2])[1]
        if not entry then return {'version'} end
        local new = open(entry[2])
        put(new, 'last_modified', ARGV[3])
        put(new, 'revert_to', ARGV[2])
        local version = redis.call('XADD', KEYS[2], '*', unpack(close(new)))
        if tonumber(new.of.order) then redis.call('ZADD', KEYS[3], new.of.order, new.of.content_key) end
        return {'ok', version}
        """;

    /// <summary>
    /// Adds files to a directory, or removes them. KEYS: the directory's metadata, its files. ARGV: <c>add</c> or <c>remove</c>, the time,
    /// then names with their values, or names. Returns all files.
    /// </summary>
    public static readonly string ChangeDirectory = Limit + Metadata + Fits +
        """
        local id, old = newest(KEYS[1])
        if not id then return {'absent'} end
        if redis.call('EXISTS', KEYS[2]) == 0 then return {'file'} end
        local new = open(old.list)
        put(new, 'last_modified', ARGV[2])
        if not fits(new, 0) then return {'fields'} end
        if ARGV[1] == 'add' then
          for i = 3, #ARGV, 2 do
            if redis.call('HEXISTS', KEYS[2], ARGV[i]) == 1 then return {'there', ARGV[i]} end
          end
          for i = 3, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
        else
          for i = 3, #ARGV do
            if redis.call('HEXISTS', KEYS[2], ARGV[i]) == 0 then return {'unknown', ARGV[i]} end
          end
          for i = 3, #ARGV do redis.call('HDEL', KEYS[2], ARGV[i]) end
        end
        redis.call('XADD', KEYS[1], '*', unpack(close(new)))
        return {'ok', redis.call('HGETALL', KEYS[2])}
        """;

    /// <summary>
    /// Opens a buffer. KEYS: the stream of buffers. ARGV: the session, what its buffers' keys begin with, seconds to live, how many entries
    /// the stream keeps. The buffer's key follows from the id of the entry.
    /// </summary>
    public const string OpenBuffer =
        """
        local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[4], '*', 'sid', ARGV[1])
        local buffer = redis.sha1hex(id)
        redis.call('SET', ARGV[2] .. buffer, '', 'EX', ARGV[3])
        return {'ok', buffer}
        """;

    /// <summary>Deletes everything. KEYS: any of the keys. ARGV: the prefix of keys.</summary>
    public const string DeleteAll =
        """
        local count = 0
        local keys = redis.call('KEYS', ARGV[1] .. 'BLOBS/*')
        for i = 1, #keys, 1000 do
          count = count + redis.call('UNLINK', unpack(keys, i, math.min(i + 999, #keys)))
        end
        return {'ok', count}
        """;

    /// <summary>Reads and changes the fields of a stream's entry, which keep their order.</summary>
    private const string Metadata =
        """
        local function open(list)
          local fields = {list = list, names = {}, of = {}, known = {}}
          for i = 1, #list, 2 do
            if not fields.known[list[i]] then fields.names[#fields.names + 1] = list[i] end
            fields.known[list[i]] = true
            fields.of[list[i]] = list[i + 1]
          end
          return fields
        end
        local function newest(key)
          local entry = redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)[1]
          if entry then return entry[1], open(entry[2]) end
        end
        local function put(fields, name, value)
          if not fields.known[name] then fields.names[#fields.names + 1] = name end
          fields.known[name] = true
          fields.of[name] = value
        end
        local function close(fields)
          local list = {}
          for _, name in ipairs(fields.names) do
            if fields.of[name] then
              list[#list + 1] = name
              list[#list + 1] = fields.of[name]
            end
          end
          return list
        end
        local function equal(old, new)
          for name, value in pairs(new.of) do
            if old.of[name] ~= value then return false end
          end
          return true
        end

        """;

    /// <summary>Returns whether fields, and so many values more, can be written at once.</summary>
    private const string Fits =
        """
        local function fits(fields, more)
          return #close(fields) + more <= max_values
        end

        """;
}
