// A plugin as pages of the first original have them: it derives from the library's class and reads messages itself.
window.ducts.plugin = {};
window.ducts.plugin.Duct = class extends window.ducts.Duct {
  _onopen(self, event) {
    super._onopen(self, event);
    self.setEventHandler(self.EVENT.ECHO, (rid, eid, data) => {
      self.heard(`message ${self.lastEvent}, ${JSON.stringify(data)}`);
    });
  }

  _onmessage(self, event) {
    [, self.lastEvent] = self.decode(MessagePack.Buffer.from(event.source.data));
    super._onmessage(self, event);
  }
};
